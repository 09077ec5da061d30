#include "sd-connect/commands/http_fields.hpp"

#include "support/name_of.hpp"

#include <catch2/catch.hpp>

#include <string>

using sdconnect::endpoint;
using sdconnect::service_query;
using sdconnect::cli::host_field;
using sdconnect::cli::service_host;
using sdconnect::test::name_of;

namespace {}  // namespace

TEST_CASE("http_fields: Host is the service asked for, or the instance chosen", "[cli][http]") {
  endpoint where;
  where.target = name_of("host1.unilans.net");
  where.instances = {name_of("_v1._theservice._tcp.unilans.net")};
  service_query asked;
  asked.qname = name_of("_theService._tcp.unilans.net");
  CHECK(host_field(asked, where, false) == "_theService._tcp.unilans.net");
  asked.version = "v1";
  CHECK(host_field(asked, where, false) == "_v1._theservice._tcp.unilans.net");
}

TEST_CASE("http_fields: Host is the target where the service is no host name or was not found", "[cli][http]") {
  endpoint where;
  where.target = name_of("host1.unilans.net");
  where.port = 8080;
  service_query asked;
  asked.qname = name_of("host1.unilans.net");
  CHECK(host_field(asked, where, false) == "host1.unilans.net:8080");
  asked.qname = name_of("My\\032Printer._http._tcp.unilans.net");
  where.instances = {asked.qname};
  CHECK(host_field(asked, where, false) == "host1.unilans.net:8080");
  CHECK(service_host(asked, where).empty());
  where.port = 80;
  CHECK(host_field(asked, where, false) == "host1.unilans.net");
  CHECK(host_field(asked, where, true) == "host1.unilans.net:80");
  where.port = 443;
  CHECK(host_field(asked, where, true) == "host1.unilans.net");
}
