#include "sd-connect/commands/pick.hpp"

#include "sd-connect/commands/choice.hpp"
#include "sdconnect/balancer/goodness_of_fit.hpp"
#include "sdconnect/balancer/hash_key.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "unit/cli/command_line.hpp"
#include "unit/cli/found_service.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using Catch::Matchers::Contains;
using cli::output_format;

namespace {

using counts = std::vector<std::uint64_t>;

cli::options wish(const char* policy, std::uint64_t picks) {
  cli::options opts = parse({"pick", "_a._tcp.x.y", "--policy", policy});
  opts.picks = picks;
  return opts;
}

cli::pick_tally chosen(const cli::options& opts, std::uint64_t seed = 1,
                       const std::vector<endpoint>& endpoints = example_service().endpoints) {
  random_engine random(seed);
  cli::options seeded = opts;
  seeded.seed = seed;
  return cli::choose(seeded, endpoints, random);
}

attempt_plan planned(cli::options opts, std::uint64_t seed, const std::vector<endpoint>& endpoints) {
  random_engine random(seed);
  opts.seed = seed;
  return cli::plan_of(opts, endpoints, random);
}

}  // namespace

TEST_CASE("pick: counts add up, and the first tier is chosen as its shares say", "[cli][rfc2782]") {
  const char* policy = GENERATE("rfc2782", "weighted", "hash");
  INFO(policy);
  const cli::pick_tally tally = chosen(wish(policy, 1'000'000));
  CHECK(std::accumulate(tally.counts.begin(), tally.counts.end(), std::uint64_t{0}) == 1'000'000);
  CHECK(tally.counts[2] == 0);
  CHECK(tally.chi_square_p.value() > 0.001);
}

TEST_CASE("pick: the first of many has the same shares as the others", "[cli][rfc2782]") {
  const char* policy = GENERATE("rfc2782", "weighted", "least-loaded", "hash");
  INFO(policy);
  const cli::options opts = wish(policy, 1);
  const std::vector<endpoint> endpoints = example_service().endpoints;
  counts all(endpoints.size());
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) ++all[chosen(opts, seed, endpoints).first.chosen.value()];
  // 20,000 draws of a share p have a sigma of sqrt(20000 p (1 - p)) = 61.
  CHECK(std::abs(static_cast<double>(all[0]) - 20'000 * first_choice_shares(endpoints, opts.policy)[0]) < 5 * 61);
  CHECK(all[2] == 0);
}

TEST_CASE("pick: a seed makes it reproducible", "[cli]") {
  const char* policy = GENERATE("rfc2782", "weighted", "least-loaded", "hash");
  INFO(policy);
  CHECK(chosen(wish(policy, 1000), 7).counts == chosen(wish(policy, 1000), 7).counts);
  const auto some = [&](std::uint64_t seed) {
    std::vector<std::uint32_t> first;
    for (std::uint64_t i = 0; i < 64; ++i) first.push_back(chosen(wish(policy, 1), 64 * seed + i).first.chosen.value());
    return first;
  };
  CHECK(some(7) != some(8));
}

TEST_CASE("pick: an endpoint without address is listed and never chosen", "[cli][fault-S12]") {
  const char* policy = GENERATE("rfc2782", "weighted", "ordered", "least-loaded", "hash");
  INFO(policy);
  std::vector<endpoint> endpoints = example_service().endpoints;
  endpoints[0] = endpoint_of("host1.unilans.net", 18081, 0, 30, "");
  const cli::pick_tally tally = chosen(wish(policy, 100), 1, endpoints);
  CHECK(tally.counts == counts{0, 100, 0});
  CHECK(tally.shares == std::vector<double>{0, 1, 0});
  CHECK(tally.first.verdicts[0] == endpoint_verdict::unresolved);
}

TEST_CASE("pick: with nothing usable nothing is chosen", "[cli][fault-S3]") {
  const cli::pick_tally tally = chosen(wish("rfc2782", 10), 1, {endpoint_of("a.b", 80, 0, 1, "")});
  CHECK_FALSE(tally.first.chosen);
  CHECK(tally.counts == counts{0});
}

TEST_CASE("pick: one choice is target:port, several are counts beside what was expected", "[cli]") {
  const cli::pick_tally one = chosen(wish("ordered", 1));
  CHECK(cli::tally_listing(output_format::table, one, false) == "host1.unilans.net:18081\n");
  CHECK(cli::tally_listing(output_format::brief, one, false) == "host1.unilans.net:18081\n");

  const cli::pick_tally ten = chosen(wish("ordered", 10));
  CHECK(cli::tally_listing(output_format::table, ten, false) ==
        "TARGET                PORT  COUNT  EXPECTED     SHARE\n"
        "host1.unilans.net    18081     10      10.0  100.00 %\n"
        "host2.unilans.net    18082      0       0.0    0.00 %\n"
        "host100.unilans.net  18083      0       0.0    0.00 %\n"
        "\n"
        "10 picks, policy ordered\n");
  CHECK(cli::tally_listing(output_format::csv, ten, false) ==
        "target,port,count,expected,share\r\n"
        "host1.unilans.net,18081,10,10,1\r\nhost2.unilans.net,18082,0,0,0\r\nhost100.unilans.net,18083,0,0,0\r\n");
  CHECK_THAT(cli::tally_listing(output_format::brief, ten, false), Contains("10 host1.unilans.net:18081\n"));
}

TEST_CASE("pick: least-loaded keeps its picks in flight, so that the loads follow the weights", "[cli]") {
  const cli::pick_tally tally = chosen(wish("least-loaded", 4000));
  // Of two draws the less loaded one is chosen: the counts stay within a few of 3000 and 1000,
  // while plain draws have a sigma of 27.
  CHECK(std::abs(static_cast<double>(tally.counts[0]) - 3000) < 10);
  CHECK(tally.counts[0] + tally.counts[1] == 4000);
  CHECK_FALSE(tally.chi_square_p);
  CHECK_THAT(cli::tally_listing(output_format::table, tally, false),
             Contains("\n4000 picks, policy least-loaded, all kept in flight\n"));
  CHECK_THAT(cli::tally_listing(output_format::json, tally, false), Contains(R"("chi_square_p":null})"));
}

TEST_CASE("pick: one hash key has one endpoint, many keys have the shares", "[cli]") {
  cli::options opts = wish("hash", 50);
  opts.hash_key = "user 42";
  const cli::pick_tally one = chosen(opts);
  const std::size_t its = selection_order_of_key(one.endpoints, hash_of_key("user 42")).front();
  CHECK(one.first.chosen == its);
  CHECK(one.counts[its] == 50);
  CHECK(one.shares[its] == 1);
  CHECK(std::accumulate(one.shares.begin(), one.shares.end(), 0.0) == 1);
  CHECK_FALSE(one.chi_square_p);
  CHECK_THAT(cli::tally_listing(output_format::table, one, false),
             Contains("\n50 picks, policy hash, all of one key\n"));

  CHECK_THAT(cli::tally_listing(output_format::table, chosen(wish("hash", 50)), false),
             Contains("\n50 picks, policy hash, chi-square p = "));
}

TEST_CASE("choice: the decision leads the order, which has each usable endpoint once, tier after tier",
          "[cli][rfc2782]") {
  const char* policy = GENERATE("rfc2782", "weighted", "ordered", "least-loaded", "hash");
  INFO(policy);
  std::vector<endpoint> endpoints = example_service().endpoints;
  endpoints.insert(endpoints.begin() + 2, endpoint_of("host3.unilans.net", 18084, 0, 0, "127.0.0.13"));
  endpoints.insert(endpoints.begin() + 3, endpoint_of("host4.unilans.net", 18085, 0, 0, ""));
  const cli::options opts = wish(policy, 1);
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const attempt_plan made = planned(opts, seed, endpoints);
    REQUIRE(made.order.size() == 4);
    CHECK(made.trace->chosen == made.order.front());
    CHECK(chosen(opts, seed, endpoints).first.chosen == made.order.front());  // pick is the first choice of a connect
    CHECK(made.order.back() == 4);
    CHECK(made.order[0] + made.order[1] + made.order[2] == 0 + 1 + 2);
    CHECK(planned(opts, seed, endpoints).order == made.order);
  }
}

TEST_CASE("choice: a full order has the chance that RFC 2782 gives it", "[cli][rfc2782][rfc-check-41]") {
  std::vector<endpoint> endpoints;
  for (const std::uint32_t weight : {3U, 1U, 0U}) {
    const std::string host = "host" + std::to_string(endpoints.size()) + ".example.com";
    endpoints.push_back(endpoint_of(host, 80, 0, weight, "127.0.0.1"));
  }
  // Of {3, 1, 0}: 3/5, 1/5, 1/5; then {1, 0}: 1/2 each, {3, 0}: 3/4 and 1/4, {3, 1}: 7/10 and 3/10.
  const std::vector<std::vector<std::uint32_t>> orders{{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                                       {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  const std::vector<double> shares{0.3, 0.3, 0.15, 0.05, 0.14, 0.06};
  counts seen(orders.size());
  const cli::options opts = wish("rfc2782", 1);
  for (std::uint64_t seed = 0; seed < 50'000; ++seed) {
    const std::vector<std::uint32_t> order = planned(opts, seed, endpoints).order;
    ++seen[static_cast<std::size_t>(std::ranges::find(orders, order) - orders.begin())];
  }
  CHECK(chi_square_p(seen, shares) > 0.001);
}

TEST_CASE("choice: a key has its order, whatever the seed", "[cli]") {
  cli::options opts = wish("hash", 1);
  opts.hash_key = "user 42";
  const std::vector<endpoint> endpoints = example_service().endpoints;
  const attempt_plan made = planned(opts, 1, endpoints);
  CHECK(made.order == selection_order_of_key(endpoints, hash_of_key("user 42")));
  CHECK(made.order == planned(opts, 2, endpoints).order);
  CHECK(made.trace->key == hash_of_key("user 42"));
}
