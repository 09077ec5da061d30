#include "sd-connect/http_fields.hpp"

#include <catch2/catch.hpp>

#include <string>

using sdconnect::endpoint;
using sdconnect::name;
using sdconnect::service_query;
using sdconnect::cli::host_field;
using sdconnect::cli::service_host;

namespace {

name named(const char* text) { return name::from_text(text).value(); }

}  // namespace

TEST_CASE("http_fields: Host is the service asked for, or the instance chosen", "[cli][http]") {
  endpoint where;
  where.target = named("host1.unilans.net");
  where.instances = {named("_v1._theservice._tcp.unilans.net")};
  service_query asked;
  asked.qname = named("_theService._tcp.unilans.net");
  CHECK(host_field(asked, where, false) == "_theService._tcp.unilans.net");
  asked.version = "v1";
  CHECK(host_field(asked, where, false) == "_v1._theservice._tcp.unilans.net");
}

TEST_CASE("http_fields: Host is the target where the service is no host name or was not found", "[cli][http]") {
  endpoint where;
  where.target = named("host1.unilans.net");
  where.port = 8080;
  service_query asked;
  asked.qname = named("host1.unilans.net");
  CHECK(host_field(asked, where, false) == "host1.unilans.net:8080");
  asked.qname = named("My\\032Printer._http._tcp.unilans.net");
  where.instances = {asked.qname};
  CHECK(host_field(asked, where, false) == "host1.unilans.net:8080");
  CHECK(service_host(asked, where).empty());
  where.port = 80;
  CHECK(host_field(asked, where, false) == "host1.unilans.net");
  CHECK(host_field(asked, where, true) == "host1.unilans.net:80");
  where.port = 443;
  CHECK(host_field(asked, where, true) == "host1.unilans.net");
}
