#include "sd-connect/explain/explain.hpp"

#include "sd-connect/explain/json_explanation.hpp"
#include "unit/cli/command_line.hpp"
#include "unit/cli/found_service.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

struct story {
  cli::options opts = parse({"get", "_theService._tcp.unilans.net"});
  service found;
  connection made;

  story() {
    found = example_service();
    found.queries = {
        report(rr_type::srv, errc::no_data, "127.0.0.1#53", 0, {{"127.0.0.1#53", dns_transport::udp, {}, 400us, 2}}),
        report(rr_type::ptr, {}, "127.0.0.2#53", 1,
               {{"127.0.0.1#53", dns_transport::udp, errc::query_timed_out, 1s, 0},
                {"127.0.0.2#53", dns_transport::tcp, {}, 600us, 0}})};
    made.attempts = {{0, name_of("host1.unilans.net"), address_of("::1"), 18081, 0, 0us, 1200us,
                      boost::asio::error::connection_refused},
                     {1, name_of("host2.unilans.net"), address_of("127.0.0.12"), 18082, 0, 1300us, 700us, {}}};
  }

  cli::explanation told(error_code ec = {}) {
    made.found = std::make_shared<const service>(found);
    return cli::explanation::of(opts, ec, made);
  }

  query_report report(rr_type type, error_code status, const char* server, std::size_t records,
                      std::vector<query_attempt> attempts) const {
    query_report out;
    out.asked = {found.query, type};
    out.status = status;
    out.server = server;
    out.record_count = records;
    out.attempts = std::move(attempts);
    return out;
  }
};

}  // namespace

TEST_CASE("explain: questions, kind, tiers with shares, attempts", "[cli]") {
  story s;
  const std::string text = explanation_text(s.told());
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
  story s;
  const std::string text = cli::explanation_json(s.told(errc::unreachable));
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
  s.found = hostile_service();
  s.found.queries = {s.report(rr_type::srv, {}, "", 1, {{"", dns_transport::file, {}, 1us, 0}})};
  query_report& report = s.found.queries.front();
  report.asked.qname = s.found.instances[0].fullname;
  report.server = report.attempts[0].server = "file:" + hostile_octets;
  report.from_cache = true;
  CHECK(is_harmless(explanation_text(s.told())));
  CHECK(is_harmless(cli::explanation_json(s.told())));
}

TEST_CASE("explain: extended errors, from a reply or from the cache", "[cli][rfc8914][fault-O15]") {
  story s;
  const std::vector<extended_error> said{{7, "old\x1b"}, {50000, ""}};
  s.found.queries = {s.report(rr_type::srv, errc::server_failure, "", 0,
                              {{"127.0.0.1#53", dns_transport::udp, errc::server_failure, 400us, 0, said}}),
                     s.report(rr_type::ptr, errc::server_failure, "", 0, {})};
  s.found.queries[1].from_cache = true;
  s.found.queries[1].cached_errors = {{22, ""}};
  const std::string text = explanation_text(s.told());
  CHECK_THAT(text,
             Contains("over UDP: name server failure after 0.4 ms, EDE 7 (Signature Expired): old\\027, EDE 50000\n"));
  CHECK_THAT(text, Contains("PTR: name server failure from the cache, EDE 22 (No Reachable Authority)\n"));

  const boost::json::value read = boost::json::parse(explanation_json(s.told()));
  const boost::json::value& attempt = read.at("queries").at(0).at("attempts").at(0);
  CHECK(boost::json::serialize(attempt.at("extended_errors")) ==
        R"([{"code":7,"name":"Signature Expired","text":"old\\027"},{"code":50000,"name":null,"text":""}])");
  CHECK(read.at("queries").at(1).at("extended_errors").at(0).at("code").as_int64() == 22);
}

TEST_CASE("explain: queries that are not listed are counted", "[cli]") {
  story s;
  CHECK_THAT(explanation_text(s.told()), !Contains("not listed"));
  s.found.queries_left_out = 12;
  CHECK_THAT(explanation_text(s.told()), Contains("  and 12 more, not listed\n"));
  CHECK(boost::json::parse(explanation_json(s.told())).at("queries_left_out").as_int64() == 12);
}

TEST_CASE("explain: of browsing the questions alone", "[cli]") {
  browse_result found;
  found.query = name_of("_http._tcp.x.y");
  found.queries.resize(1);
  found.queries[0].asked = {found.query, rr_type::ptr};
  found.queries[0].status = errc::nxdomain;
  const std::string text = explanation_text(cli::explanation::of(errc::nxdomain, found));
  CHECK(text == "questions:\n  _http._tcp.x.y. PTR: no such name\nresult: no such name\n");
}

TEST_CASE("explain: what was not used is told", "[cli]") {
  story s;
  s.found.warnings = {"1 SRV record with port 0 not used"};
  CHECK_THAT(explanation_text(s.told()), Contains("1 SRV record with port 0 not used"));
}

TEST_CASE("explain: the cache, TLS, instances left out, what came along, and DNSSEC are told", "[cli][fault-O39]") {
  story s;
  service& found = s.found;
  found.queries = {
      s.report(rr_type::ptr, {}, "127.0.0.2#53", 3, {}),
      s.report(rr_type::a, {}, "tls://192.0.2.1#853", 1, {{"tls://192.0.2.1#853", dns_transport::tls, {}, 500us, 0}})};
  found.queries[0].from_cache = true;
  found.queries[1].asked.qname = name_of("host1.unilans.net");
  found.authenticated = true;
  const name instance = name_of("_v1._theservice._tcp.unilans.net");
  found.additional = {{instance, rr_type::srv}, {instance, rr_type::txt}, {name_of("host2.unilans.net"), rr_type::a}};
  const cli::explanation told = s.told();
  const std::string text = explanation_text(told);
  INFO(text);
  for (const char* part :
       {"PTR: 3 records from the cache, once told by 127.0.0.2#53\n", "tls://192.0.2.1#853 over TLS: answered",
        "with 1 instance to be used, 2 left out by what was asked for",
        "(additional records):\n  _v1._theservice._tcp.unilans.net. SRV\n  _v1._theservice._tcp.unilans.net. TXT\n"
        "  host2.unilans.net. A\n",
        "DNSSEC: every answer was authenticated"})
    CHECK_THAT(text, Contains(part));

  const boost::json::value read = boost::json::parse(explanation_json(told));
  CHECK(read.at("queries").at(0).at("from_cache").as_bool());
  CHECK_FALSE(read.at("queries").at(1).at("from_cache").as_bool());
  CHECK(read.at("queries").at(1).at("attempts").at(0).at("transport").as_string() == "tls");
  CHECK(read.at("instances_left_out").to_number<int>() == 2);
  CHECK(read.at("from_additional").as_array().size() == 3);
  CHECK(read.at("from_additional").at(0).at("name").as_string() == "_v1._theservice._tcp.unilans.net.");
  CHECK(read.at("from_additional").at(0).at("type").as_string() == "SRV");
  CHECK(read.at("authenticated").as_bool());
}

TEST_CASE("explain: of very many record sets that came along the text names 50", "[cli][fault-O39]") {
  story s;
  s.found.additional.assign(60, {name_of("host1.unilans.net"), rr_type::a});
  CHECK_THAT(explanation_text(s.told()), Contains("  host1.unilans.net. A\n  and 10 more\n"));
}
