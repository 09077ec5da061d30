#include "sd-connect/explain.hpp"

#include "sd-connect/json_output.hpp"
#include "unit/cli/command_line.hpp"
#include "unit/cli/found_service.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

struct story {
  boost::asio::io_context io;
  cli::options opts = parse({"get", "_theService._tcp.unilans.net"});
  connection made{io.get_executor()};

  story() {
    made.found = example_service();
    made.found.queries = {{{made.found.query, rr_type::srv},
                           errc::no_data,
                           "127.0.0.1#53",
                           0,
                           {{"127.0.0.1#53", dns_transport::udp, {}, 400us, 2}}},
                          {{made.found.query, rr_type::ptr},
                           {},
                           "127.0.0.2#53",
                           1,
                           {{"127.0.0.1#53", dns_transport::udp, errc::timed_out, 1s, 0},
                            {"127.0.0.2#53", dns_transport::tcp, {}, 600us, 0}}}};
    made.attempts = {{0, name_of("host1.unilans.net"), address_of("::1"), 18081, 0, 0us, 1200us,
                      boost::asio::error::connection_refused},
                     {1, name_of("host2.unilans.net"), address_of("127.0.0.12"), 18082, 0, 1300us, 700us, {}}};
  }
};

}  // namespace

TEST_CASE("explain: questions, kind, tiers with shares, attempts", "[cli]") {
  const story s;
  const std::string text = explanation_text(cli::explanation::of(s.opts, {}, s.made));
  INFO(text);
  for (const char* part :
       {"_theService._tcp.unilans.net. SRV: no record of this type",
        "127.0.0.1#53 over UDP: answered after 0.4 ms, 2 foreign datagrams dropped",
        "127.0.0.1#53 over UDP: DNS query timed out after 1000.0 ms", "127.0.0.2#53 over TCP: answered after 0.6 ms",
        "PTR: 1 record\n", "a service type (PTR records) with 1 instance to be used",
        "priority 0, policy rfc2782:", "host1.unilans.net:18081", "weight    30  share  74.39 %  127.0.0.11",
        "priority 1 (when nothing before it can be reached)", "100.00 %  127.0.0.100",
        "[::1]:18081 (host1.unilans.net, priority 0): Connection refused after 1.2 ms",
        "at     1.3 ms  127.0.0.12:18082 (host2.unilans.net, priority 0): connected after 0.7 ms"})
    CHECK_THAT(text, Contains(part));
  CHECK_THAT(text, !Contains("result:"));
}

TEST_CASE("explain: as one JSON object on one line", "[cli][json]") {
  const story s;
  const std::string text = cli::explanation_json(cli::explanation::of(s.opts, errc::unreachable, s.made));
  CHECK(text.find('\n') == text.size() - 1);
  const boost::json::value read = boost::json::parse(text);
  CHECK(read.at("kind").as_string() == "type");
  CHECK(read.at("policy").as_string() == "rfc2782");
  CHECK(read.at("queries").at(1).at("attempts").at(0).at("error").as_string() == "DNS query timed out");
  CHECK(read.at("queries").at(1).at("attempts").at(1).at("transport").as_string() == "tcp");
  CHECK(read.at("tiers").at(0).at("endpoints").at(0).at("share_in_tier").to_number<double>() == 0.7439);
  CHECK(read.at("tiers").at(1).at("endpoints").at(0).at("share_in_tier").to_number<double>() == 1);
  CHECK(read.at("attempts").at(0).at("error").as_string() == "Connection refused");
  CHECK(read.at("attempts").at(1).at("error").is_null());
  CHECK(read.at("error").as_string() == "no endpoint reachable");
}

TEST_CASE("explain: nothing hostile in either form", "[cli][fault-N4]") {
  story s;
  s.made.found = hostile_service();
  s.made.found.queries = {{{s.made.found.instances[0].fullname, rr_type::srv},
                           {},
                           "file:" + hostile_octets,
                           1,
                           {{"file:" + hostile_octets, dns_transport::file, {}, 1us, 0}}}};
  CHECK(is_harmless(explanation_text(cli::explanation::of(s.opts, {}, s.made))));
  CHECK(is_harmless(cli::explanation_json(cli::explanation::of(s.opts, {}, s.made))));
}

TEST_CASE("explain: of browsing the questions alone", "[cli]") {
  browse_result found;
  found.query = name_of("_http._tcp.x.y");
  found.queries = {{{found.query, rr_type::ptr}, errc::nxdomain, "127.0.0.1#53", 0, {}}};
  const std::string text = explanation_text(cli::explanation::of(errc::nxdomain, found));
  CHECK(text == "questions:\n  _http._tcp.x.y. PTR: no such name\nresult: no such name\n");
}

TEST_CASE("explain: what was not used is told", "[cli]") {
  story s;
  s.made.found.warnings = {"1 SRV record with port 0 not used"};
  CHECK_THAT(explanation_text(cli::explanation::of(s.opts, {}, s.made)), Contains("1 SRV record with port 0 not used"));
}
