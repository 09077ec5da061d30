#include "sd-connect/commands/json_output.hpp"

#include "program/report.hpp"
#include "sd-connect/commands/choice.hpp"
#include "sd-connect/commands/pick.hpp"
#include "sdconnect/connect/address_order.hpp"
#include "unit/cli/command_line.hpp"
#include "unit/cli/found_service.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <set>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace sdconnect::cli;
using Catch::Matchers::Contains;
namespace json = boost::json;

TEST_CASE("json: resolve prints schema 1 as the contract shows it, octet for octet", "[cli][json]") {
  service found = example_service();
  found.instances[0].txt = txt_of({"txtvers=1", "flag", std::string("k=\0\xff", 4), "empty="});
  CHECK(
      service_json(name_of("_theService._tcp.unilans.net"), found, selection_policy::rfc2782) ==
      R"({"schema":1,"query":"_theService._tcp.unilans.net.","kind":"type",)"
      R"("instances":[{"name":"_v1._theservice._tcp.unilans.net.","label":"_v1",)"
      R"("txt":[{"key":"txtvers","value":"1"},{"key":"flag","value":null},{"key":"k","value_b64":"AP8="},{"key":"empty","value":""}],)"
      R"("ttl_s":60}],)"
      R"("endpoints":[{"instances":["_v1._theservice._tcp.unilans.net."],"target":"host1.unilans.net.","port":18081,)"
      R"("priority":0,"weight":30,"share":0.7439,"addresses":["127.0.0.11"],"ttl_s":60},)"
      R"({"instances":["_v1._theservice._tcp.unilans.net."],"target":"host2.unilans.net.","port":18082,)"
      R"("priority":0,"weight":10,"share":0.2561,"addresses":["127.0.0.12"],"ttl_s":60},)"
      R"({"instances":["_v1._theservice._tcp.unilans.net."],"target":"host100.unilans.net.","port":18083,)"
      R"("priority":1,"weight":0,"share":0,"addresses":["127.0.0.100"],"ttl_s":60}],)"
      R"("complete":false,"server":"127.0.0.1#15302","stale":false,"authenticated":false,"warnings":[]})"
      "\n");
}

TEST_CASE("json: an empty result is an object with empty arrays", "[cli][json]") {
  CHECK(
      service_json(name_of("x.y"), {}, selection_policy::rfc2782) ==
      R"({"schema":1,"query":"x.y.","kind":null,"instances":[],"endpoints":[],"complete":false,"server":"","stale":false,"authenticated":false,"warnings":[]})"
      "\n");
  CHECK(types_json({.query = name_of("x.y")}) == R"({"schema":1,"query":"x.y.","types":[],"complete":false})"
                                                 "\n");
}

TEST_CASE("json: an endpoint without address has no share, and the others share without it", "[cli][json]") {
  service found = example_service();
  found.endpoints[0] = endpoint_of("host1.unilans.net", 18081, 0, 30, "");
  const json::value read = json::parse(service_json(found.query, found, selection_policy::rfc2782));
  const json::array& endpoints = read.at("endpoints").as_array();
  CHECK(endpoints[0].at("share").to_number<double>() == 0);
  CHECK(endpoints[0].at("addresses").as_array().empty());
  CHECK(endpoints[1].at("share").to_number<double>() == 1);
}

TEST_CASE("json: shares follow the policy in force", "[cli][json]") {
  const auto share_of = [](selection_policy policy, std::size_t index) {
    const service found = example_service();
    return json::parse(service_json(found.query, found, policy))
        .at("endpoints")
        .at(index)
        .at("share")
        .to_number<double>();
  };
  CHECK(share_of(selection_policy::weighted, 0) == 0.75);
  CHECK(share_of(selection_policy::weighted, 1) == 0.25);
  CHECK(share_of(selection_policy::ordered, 0) == 1);
  CHECK(share_of(selection_policy::ordered, 1) == 0);
}

TEST_CASE("json: hostile names, TXT and server labels stay valid JSON without a raw octet",
          "[cli][json][fault-N4][fault-N6][fault-L29]") {
  const service found = hostile_service();
  const std::string text = service_json(found.query, found, selection_policy::rfc2782);
  CHECK(is_harmless(text));
  const json::value read = json::parse(text);
  const json::value& instance = read.at("instances").at(0);
  CHECK(instance.at("label").as_string() == hostile_shown);
  // The text form of the name converts back to the octets received.
  CHECK(name_of(std::string_view(instance.at("name").as_string())) == found.instances[0].fullname);
  CHECK(instance.at("txt").at(0).at("value_b64").is_string());
  CHECK(instance.at("txt").at(1).at("value").as_string() == "a\\b");
  CHECK(instance.at("txt").at(1).at("key").as_string() == "\"quoted\"");
  CHECK(read.at("server").as_string() == "file:" + std::string(hostile_shown));
}

TEST_CASE("json: keys and values of TXT records stand as they are", "[cli][json][fault-O39]") {
  service found = example_service();
  found.instances[0].txt = txt_of({R"(a\b=c\d)", R"("q"=")"});
  const json::value txt =
      json::parse(service_json(found.query, found, selection_policy::rfc2782)).at("instances").at(0).at("txt");
  CHECK(txt.at(0).at("key").as_string() == R"(a\b)");
  CHECK(txt.at(0).at("value").as_string() == R"(c\d)");
  CHECK(txt.at(1).at("key").as_string() == R"("q")");
  CHECK(txt.at(1).at("value").as_string() == R"(")");
}

TEST_CASE("json: base64 of values of every length modulo three", "[cli][json][rfc-check-34]") {
  service found = example_service();
  found.instances[0].txt =
      txt_of({std::string("a=\xff"), std::string("b=\xff\xfe"), std::string("c=\xff\xfe\xfd"), std::string("d=\0", 3)});
  const json::value read = json::parse(service_json(found.query, found, selection_policy::rfc2782));
  const json::value& txt = read.at("instances").at(0).at("txt");
  CHECK(txt.at(0).at("value_b64").as_string() == "/w==");
  CHECK(txt.at(1).at("value_b64").as_string() == "//4=");
  CHECK(txt.at(2).at("value_b64").as_string() == "//79");
  CHECK(txt.at(3).at("value_b64").as_string() == "AA==");
}

TEST_CASE("json: browse", "[cli][json]") {
  browse_result found;
  found.query = name_of("_http._tcp.example.com");
  found.entries = {{name_of("My\\032Page._http._tcp.example.com"), std::chrono::seconds(30)}};
  CHECK(
      instances_json(found) ==
      R"({"schema":1,"query":"_http._tcp.example.com.","instances":[{"name":"My\\032Page._http._tcp.example.com.","label":"My Page",)"
      R"("type":"_http._tcp.example.com.","domain":"example.com.","ttl_s":30,"foreign":false}],"complete":false,"authenticated":false})"
      "\n");
  found.query = name_of("_services._dns-sd._udp.x.y");
  found.entries = {{name_of("_http._tcp.x.y"), {}}};
  found.complete = true;
  CHECK(types_json(found) ==
        R"({"schema":1,"query":"_services._dns-sd._udp.x.y.","types":["_http._tcp.x.y."],"complete":true})"
        "\n");
  const std::vector<domain_listing> domains{
      {name_of("x.y"), {domain_enumeration::browse, domain_enumeration::legacy_browse}, std::chrono::seconds(60)}};
  CHECK(domains_json(std::vector{name_of("x.y")}, domains, true) ==
        R"({"schema":1,"query":"x.y.","domains":[{"name":"x.y.","kinds":["b","lb"],"ttl_s":60}],"complete":true})"
        "\n");
  // The host's own networks; there may be several.
  CHECK(domains_json(std::vector{name_of("1.in-addr.arpa"), name_of("2.in-addr.arpa")}, {}, false) ==
        R"({"schema":1,"query":["1.in-addr.arpa.","2.in-addr.arpa."],"domains":[],"complete":false})"
        "\n");
}

TEST_CASE("json: pick and check", "[cli][json]") {
  pick_tally tally{.query = name_of("x.y"),
                   .picks = 1,
                   .policy = selection_policy::ordered,
                   .endpoints = {endpoint_of("a.b", 80, 0, 1, "127.0.0.1")},
                   .counts = {1},
                   .shares = {1.0},
                   .chi_square_p = 1};
  tally.first.chosen = 0;
  tally.first_address = address_of("127.0.0.1");
  tally.is_complete = true;
  CHECK(
      pick_json(tally) ==
      R"({"schema":1,"query":"x.y.","picks":1,"policy":"ordered",)"
      R"("chosen":{"instances":["_v1._theservice._tcp.unilans.net."],"target":"a.b.","port":80,"address":"127.0.0.1"},)"
      R"("endpoints":[{"target":"a.b.","port":80,"count":1,"share":1,"expected":1}],"complete":true,"chi_square_p":1})"
      "\n");

  const std::vector<endpoint_check> checks{
      {endpoint_of("a.b", 80, 0, 1, "127.0.0.1"), {}, address_of("127.0.0.1"), std::chrono::microseconds(1500)},
      {endpoint_of("c.d", 81, 0, 1, ""), errc::nxdomain, std::nullopt, {}}};
  CHECK(
      check_json(probe_kind::tcp, name_of("x.y"), checks, true) ==
      R"({"schema":1,"query":"x.y.","check":"tcp","endpoints":[)"
      R"({"instances":["_v1._theservice._tcp.unilans.net."],"target":"a.b.","port":80,"priority":0,"weight":1,"ok":true,"address":"127.0.0.1","connect_ms":1.5,"error":null},)"
      R"({"instances":["_v1._theservice._tcp.unilans.net."],"target":"c.d.","port":81,"priority":0,"weight":1,"ok":false,"address":null,"connect_ms":0,"error":"no such name"}],"complete":true})"
      "\n");
}

TEST_CASE("json: of several addresses the chosen one is that which a connect with this seed tries first",
          "[cli][json][fault-O34][fault-O23]") {
  endpoint e = endpoint_of("a.b", 80, 0, 1, "127.0.0.1");
  for (const char* more : {"127.0.0.2", "127.0.0.3", "0.0.0.0"}) e.addresses.push_back(address_of(more));
  std::set<std::string> shown;
  for (int seed = 0; seed < 30; ++seed) {
    const std::string number = std::to_string(seed);
    const options opts = parse({"pick", "_x._tcp.x.y", "--seed", number.c_str()});
    random_engine random(*opts.seed);
    const json::value chosen = json::parse(pick_json(choose(opts, {e}, random))).at("chosen");
    const std::string address(chosen.at("address").as_string());
    CHECK(address == addresses_in_order(e, *opts.seed).front().to_text());
    shown.insert(address);
  }
  CHECK(shown == std::set<std::string>{"127.0.0.1", "127.0.0.2", "127.0.0.3"});
  const options unseeded = parse({"pick", "_x._tcp.x.y"});
  e.addresses.push_back(address_of("2001:db8::1"));
  CHECK(first_address(unseeded, e) == address_of("2001:db8::1"));
  e.addresses = {address_of("0.0.0.0")};
  CHECK(first_address(unseeded, e) == std::nullopt);
}

TEST_CASE("json: a failure is a member of the result, or alone", "[cli][json][fault-O35]") {
  const failure why = fail(exit_code::try_again, "DNS query timed out", "x.y. SRV at 192.0.2.1#53", "try again");
  CHECK(failure_json(name_of("x.y"), why) ==
        R"({"schema":1,"query":"x.y.","error":{"code":75,"what":"DNS query timed out",)"
        R"("where":"x.y. SRV at 192.0.2.1#53","hint":"try again"}})"
        "\n");
  CHECK_THAT(failure_json(std::nullopt, fail(exit_code::usage, "nothing to do")),
             Contains(R"("query":null,"error":{"code":64,"what":"nothing to do","where":null,"hint":null})"));
  const json::value whole = json::parse(service_json(name_of("x.y"), {}, selection_policy::rfc2782, &why));
  CHECK(whole.at("endpoints").as_array().empty());
  CHECK(whole.at("error").at("code").to_number<int>() == 75);
  CHECK_THAT(service_json(name_of("x.y"), {}, selection_policy::rfc2782), !Contains("error"));
}

TEST_CASE("json: what the kind of a check tells, null for what was not come to", "[cli][json]") {
  const endpoint e = endpoint_of("a.b", 80, 0, 1, "127.0.0.1");
  const std::vector<endpoint_check> nothing{{e, errc::unreachable, std::nullopt, std::chrono::microseconds(1500)}};
  endpoint_check seen{e, {}, address_of("127.0.0.1"), std::chrono::microseconds(2500)};
  seen.connect_time = std::chrono::microseconds(500);
  seen.tls_version = "TLSv1.3";
  seen.http_status = 204;
  seen.exit_code = 3;
  const std::string there = R"("ok":true,"address":"127.0.0.1",)";
  const std::string not_there = R"("ok":false,"address":null,)";

  const auto text = [&](probe_kind kind, const endpoint_check& check) {
    return check_json(kind, name_of("x.y"), std::vector{check}, true);
  };
  CHECK_THAT(text(probe_kind::http, seen),
             Contains(R"("check":"http")") &&
                 Contains(there + R"("connect_ms":0.5,"check_ms":2.5,"tls_version":"TLSv1.3","http_status":204,)"));
  CHECK_THAT(text(probe_kind::http, nothing[0]),
             Contains(not_there + R"("connect_ms":null,"check_ms":1.5,"http_status":null,"error":"no endpoint)"));
  CHECK_THAT(text(probe_kind::tls, seen),
             Contains(there + R"("connect_ms":0.5,"check_ms":2.5,"tls_version":"TLSv1.3","error":null)"));
  CHECK_THAT(text(probe_kind::tls, nothing[0]), Contains(R"("tls_version":null)"));
  CHECK_THAT(text(probe_kind::exec, seen), Contains(there + R"("check_ms":2.5,"exit_code":3,"error":null)"));
  CHECK_THAT(text(probe_kind::exec, nothing[0]), Contains(R"("exit_code":null)"));
}
