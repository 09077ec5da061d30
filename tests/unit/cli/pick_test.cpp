#include "sd-connect/pick.hpp"

#include "unit/cli/found_service.hpp"

#include <catch2/catch.hpp>

#include <numeric>

using namespace sdconnect;
using namespace sdconnect::test;
using Catch::Matchers::Contains;
using cli::output_format;

TEST_CASE("pick: counts add up, and the first tier is chosen as its shares say", "[cli][rfc2782]") {
  random_engine random(1);
  const cli::pick_tally tally = cli::choose(example_service().endpoints, selection_policy::rfc2782, 1'000'000, random);
  CHECK(std::accumulate(tally.counts.begin(), tally.counts.end(), std::uint64_t{0}) == 1'000'000);
  CHECK(tally.counts[2] == 0);
  CHECK(tally.chi_square_p > 0.001);
}

TEST_CASE("pick: a seed makes it reproducible", "[cli]") {
  const auto counts = [](std::uint64_t seed) {
    random_engine random(seed);
    return cli::choose(example_service().endpoints, selection_policy::rfc2782, 1000, random).counts;
  };
  CHECK(counts(7) == counts(7));
  CHECK(counts(7) != counts(8));
}

TEST_CASE("pick: an endpoint without address is listed and never chosen", "[cli][fault-S12]") {
  std::vector<endpoint> endpoints = example_service().endpoints;
  endpoints[0] = endpoint_of("host1.unilans.net", 18081, 0, 30, "");
  random_engine random(1);
  const cli::pick_tally tally = cli::choose(endpoints, selection_policy::rfc2782, 100, random);
  CHECK(tally.counts == std::vector<std::uint64_t>{0, 100, 0});
  CHECK(tally.shares == std::vector<double>{0, 1, 0});
  CHECK(tally.chi_square_p == 1);
}

TEST_CASE("pick: one choice is target:port, several are counts beside what was expected", "[cli]") {
  random_engine random(1);
  const std::vector<endpoint> endpoints = example_service().endpoints;
  const cli::pick_tally one = cli::choose(endpoints, selection_policy::ordered, 1, random);
  CHECK(cli::tally_listing(output_format::table, one, false) == "host1.unilans.net:18081\n");
  CHECK(cli::tally_listing(output_format::brief, one, false) == "host1.unilans.net:18081\n");

  const cli::pick_tally ten = cli::choose(endpoints, selection_policy::ordered, 10, random);
  CHECK(cli::tally_listing(output_format::table, ten, false) ==
        "TARGET                PORT  COUNT  EXPECTED     SHARE\n"
        "host1.unilans.net    18081     10      10.0  100.00 %\n"
        "host2.unilans.net    18082      0       0.0    0.00 %\n"
        "host100.unilans.net  18083      0       0.0    0.00 %\n"
        "\n"
        "10 picks, policy ordered, chi-square p = 1.0000\n");
  CHECK(cli::tally_listing(output_format::csv, ten, false) ==
        "target,port,count,expected,share\r\n"
        "host1.unilans.net,18081,10,10,1\r\nhost2.unilans.net,18082,0,0,0\r\nhost100.unilans.net,18083,0,0,0\r\n");
  CHECK_THAT(cli::tally_listing(output_format::brief, ten, false), Contains("10 host1.unilans.net:18081\n"));
}
