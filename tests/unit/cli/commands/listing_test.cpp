#include "sd-connect/commands/browse.hpp"
#include "sd-connect/commands/check.hpp"
#include "sd-connect/commands/resolve.hpp"
#include "unit/cli/command_line.hpp"
#include "unit/cli/found_service.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using Catch::Matchers::Contains;
using cli::output_format;

namespace {

cli::options form(const char* format) { return parse({"resolve", "_theService._tcp.unilans.net", "-o", format}); }

}  // namespace

TEST_CASE("resolve: table of endpoints and of instances with their TXT", "[cli]") {
  CHECK(service_listing(form("table"), example_service(), false) ==
        "PRIORITY  WEIGHT    SHARE  TARGET                PORT  TTL  ADDRESSES    INSTANCES\n"
        "       0      30  74.39 %  host1.unilans.net    18081  60s  127.0.0.11   _v1._theservice._tcp.unilans.net\n"
        "       0      10  25.61 %  host2.unilans.net    18082  60s  127.0.0.12   _v1._theservice._tcp.unilans.net\n"
        "       1       0   0.00 %  host100.unilans.net  18083  60s  127.0.0.100  _v1._theservice._tcp.unilans.net\n"
        "\n"
        "INSTANCE                          TTL  TXT\n"
        "_v1._theservice._tcp.unilans.net  60s  \"txtvers=1\" \"flag\"\n");
}

TEST_CASE("resolve: on a narrow terminal the table of endpoints has labels of instances", "[cli][fault-O33]") {
  service found = example_service();
  found.endpoints[2].instances.push_back(name_of("_v1._x._tcp.elsewhere.net."));
  const std::string text = service_listing(form("table"), found, {false, 80});
  CHECK_THAT(text, Contains("  127.0.0.11   _v1\n"));
  CHECK_THAT(text, Contains("_v1._x._tcp.elsewhere.net\n") || Contains("elsewhere.net\n"));
  CHECK_THAT(text, Contains("\n_v1._theservice._tcp.unilans.net  60s  \"txtvers=1\" \"flag\"\n"));
}

TEST_CASE("resolve: CSV and short", "[cli]") {
  CHECK(service_listing(form("csv"), example_service(), false) ==
        "target,port,priority,weight,share,addresses,ttl_s,instances\r\n"
        "host1.unilans.net,18081,0,30,0.7439,127.0.0.11,60,_v1._theservice._tcp.unilans.net\r\n"
        "host2.unilans.net,18082,0,10,0.2561,127.0.0.12,60,_v1._theservice._tcp.unilans.net\r\n"
        "host100.unilans.net,18083,1,0,0,127.0.0.100,60,_v1._theservice._tcp.unilans.net\r\n");
  CHECK(service_listing(form("short"), example_service(), false) ==
        "host1.unilans.net:18081\nhost2.unilans.net:18082\nhost100.unilans.net:18083\n");
}

TEST_CASE("resolve: an endpoint without address says why and has no share; a foreign instance is marked",
          "[cli][fault-S12][fault-N12]") {
  service found = example_service();
  found.endpoints[0] = endpoint_of("host1.unilans.net", 18081, 0, 30, "");
  found.instances[0].foreign = true;
  const std::string text = service_listing(form("table"), found, false);
  CHECK_THAT(text, Contains("       0      30    0.00 %  host1.unilans.net    18081  60s  (no such name)"));
  CHECK_THAT(text, Contains("100.00 %  host2.unilans.net"));
  CHECK_THAT(text, Contains("_v1._theservice._tcp.unilans.net (other domain)"));
}

TEST_CASE("resolve: hostile names and TXT in no form raw", "[cli][fault-N4][fault-N6][fault-T7]") {
  const char* format = GENERATE("table", "short", "json");
  INFO(format);
  CHECK(is_harmless(service_listing(form(format), hostile_service(), false)));
  std::string csv = service_listing(form("csv"), hostile_service(), false);
  std::erase(csv, '\r');  // the CR of the record ends
  CHECK(is_harmless(csv));
}

TEST_CASE("resolve: nothing found is a header, or nothing", "[cli]") {
  CHECK(service_listing(form("csv"), {}, false) == "target,port,priority,weight,share,addresses,ttl_s,instances\r\n");
  CHECK(service_listing(form("short"), {}, false).empty());
}

TEST_CASE("browse: a domain named by several questions is listed once with all of them", "[cli]") {
  const auto answer = [](domain_enumeration kind, std::vector<browse_entry> entries) {
    cli::domain_answer a{kind, {}};
    a.found.entries = std::move(entries);
    return a;
  };
  const auto listed = cli::domains_in(std::vector<cli::domain_answer>{
      answer(domain_enumeration::browse,
             {{name_of("x.y"), std::chrono::seconds(60)}, {name_of("a.y"), std::chrono::seconds(60)}}),
      answer(domain_enumeration::browse, {{name_of("x.y"), std::chrono::seconds(60)}}),  // from another network
      answer(domain_enumeration::legacy_browse, {{name_of("X.Y"), std::chrono::seconds(30)}})});
  REQUIRE(listed.size() == 2);
  CHECK(cli::domains_listing(output_format::csv, {}, listed, false) ==
        "name,kinds,ttl_s\r\na.y,b,60\r\nx.y,b lb,30\r\n");
  CHECK(cli::domains_listing(output_format::brief, {}, listed, false) == "a.y\nx.y\n");
}

TEST_CASE("browse: instances in every form", "[cli]") {
  browse_result found;
  found.query = name_of("_http._tcp.x.y");
  found.entries = {{name_of("My\\032Page\\.v2._http._tcp.x.y"), std::chrono::seconds(30)}};
  CHECK(cli::instances_listing(output_format::brief, found, false) == "My\\032Page\\.v2._http._tcp.x.y\n");
  CHECK(cli::instances_listing(output_format::csv, found, false) ==
        "name,label,type,ttl_s,foreign\r\nMy\\032Page\\.v2._http._tcp.x.y,My Page.v2,_http._tcp.x.y,30,false\r\n");
  CHECK(cli::instances_listing(output_format::table, found, false) ==
        "INSTANCE                       LABEL       TYPE            TTL\n"
        "My\\032Page\\.v2._http._tcp.x.y  My Page.v2  _http._tcp.x.y  30s\n");
}

TEST_CASE("browse: an instance of another domain is marked", "[cli][fault-N12][rfc-check-8]") {
  browse_result found;
  found.query = name_of("_printer._sub._http._tcp.x.y");
  found.entries = {{name_of("here._http._tcp.sub.x.y"), std::chrono::seconds(30)},
                   {name_of("there._http._tcp.z.y"), std::chrono::seconds(30)}};
  const std::string table = cli::instances_listing(output_format::table, found, false);
  CHECK_THAT(table, Contains("there._http._tcp.z.y (other domain)"));
  CHECK_THAT(table, !Contains("sub.x.y (other domain)"));
  CHECK(cli::instances_listing(output_format::csv, found, false) ==
        "name,label,type,ttl_s,foreign\r\nhere._http._tcp.sub.x.y,here,_http._tcp.sub.x.y,30,false\r\n"
        "there._http._tcp.z.y,there,_http._tcp.z.y,30,true\r\n");
  CHECK_THAT(cli::instances_listing(output_format::json, found, false), Contains("\"foreign\":true"));
  CHECK(cli::instances_listing(output_format::brief, found, false) ==
        "here._http._tcp.sub.x.y\nthere._http._tcp.z.y\n");
}

TEST_CASE("check: table, CSV and short", "[cli][fault-O26]") {
  std::vector<cli::endpoint_check> checks{
      {endpoint_of("a.b", 80, 0, 1, "127.0.0.1"), {}, address_of("127.0.0.1"), std::chrono::microseconds(1500)},
      {endpoint_of("c.d", 81, 0, 1, ""), errc::nxdomain, std::nullopt, {}}};
  checks[0].where.instances = {name_of("i.b")};
  checks[1].where.instances = {name_of("j.d")};
  CHECK(cli::checks_listing(output_format::table, probe_kind::tcp, name_of("x.y"), checks, false) ==
        "INSTANCES  TARGET  PORT  ADDRESS    OK    MS  ERROR\n"
        "i.b        a.b       80  127.0.0.1  yes  1.5\n"
        "j.d        c.d       81             no   0.0  no such name\n");
  CHECK(cli::checks_listing(output_format::csv, probe_kind::tcp, name_of("x.y"), checks, false) ==
        "target,port,address,ok,connect_ms,error,instances\r\na.b,80,127.0.0.1,true,1.5,,i.b\r\n"
        "c.d,81,,false,0.0,no such name,j.d\r\n");
  CHECK(cli::checks_listing(output_format::brief, probe_kind::tcp, name_of("x.y"), checks, false) ==
        "up a.b:80\ndown c.d:81\n");
  CHECK(cli::checks_listing(output_format::brief, probe_kind::tcp, name_of("x.y"), checks, false, true) ==
        "up a.b:80 127.0.0.1\ndown c.d:81\n");
}

TEST_CASE("check: what was seen has a column of its own", "[cli]") {
  std::vector<cli::endpoint_check> checks{
      {endpoint_of("a.b", 80, 0, 1, "127.0.0.1"), {}, address_of("127.0.0.1"), std::chrono::microseconds(1500)},
      {endpoint_of("c.d", 81, 0, 1, ""), errc::nxdomain, std::nullopt, {}}};
  checks[0].where.instances = checks[1].where.instances = {name_of("i.b")};
  checks[0].http_status = 204;
  checks[0].tls_version = "TLSv1.3";
  checks[0].exit_code = 0;
  const auto listing = [&](output_format format, probe_kind kind) {
    return cli::checks_listing(format, kind, name_of("x.y"), checks, false);
  };
  CHECK(listing(output_format::table, probe_kind::http) ==
        "INSTANCES  TARGET  PORT  ADDRESS    OK   STATUS   MS  ERROR\n"
        "i.b        a.b       80  127.0.0.1  yes     204  1.5\n"
        "i.b        c.d       81             no           0.0  no such name\n");
  CHECK_THAT(listing(output_format::csv, probe_kind::http),
             Contains("address,ok,http_status,check_ms,error,instances\r\na.b,80,127.0.0.1,true,204,1.5,,i.b\r\n"));
  CHECK_THAT(listing(output_format::csv, probe_kind::tls), Contains(",tls_version,") && Contains(",TLSv1.3,1.5,"));
  CHECK_THAT(listing(output_format::csv, probe_kind::exec), Contains(",exit_code,") && Contains(",true,0,1.5,"));
  CHECK(listing(output_format::brief, probe_kind::exec) == "up a.b:80\ndown c.d:81\n");
}
