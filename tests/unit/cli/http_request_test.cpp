#include "sd-connect/http_request.hpp"

#include <catch2/catch.hpp>

#include <string>

using sdconnect::endpoint;
using sdconnect::name;
using sdconnect::service_query;
using sdconnect::cli::host_field;
using sdconnect::cli::request_text;

namespace {

name named(const char* text) { return name::from_text(text).value(); }

}  // namespace

TEST_CASE("http_request: what is sent without wishes, no credentials among it", "[cli][http][fault-T9]") {
  const std::string text = request_text({.host = "_v1._theservice._tcp.unilans.net", .path = "/a?b", .headers = {}});
  CHECK(text.starts_with("GET /a?b HTTP/1.1\r\nHost: _v1._theservice._tcp.unilans.net\r\nUser-Agent: sd-connect/"));
  CHECK(text.ends_with("\r\nAccept: */*\r\nConnection: close\r\n\r\n"));
}

TEST_CASE("http_request: a header of the user replaces ours, without a value removes it, is added otherwise",
          "[cli][http]") {
  const std::string text =
      request_text({.host = "ours",
                    .path = "/",
                    .headers = {"X-One: 1", "host: theirs", "ACCEPT: text/plain", "User-Agent:", "X-One: 2"}});
  CHECK(text ==
        "GET / HTTP/1.1\r\nHost: theirs\r\nConnection: close\r\nX-One: 1\r\nACCEPT: text/plain\r\nX-One: 2\r\n\r\n");
}

TEST_CASE("http_request: Host is the service asked for, or the instance chosen", "[cli][http]") {
  endpoint where;
  where.target = named("host1.unilans.net");
  where.instances = {named("_v1._theservice._tcp.unilans.net")};
  service_query asked;
  asked.qname = named("_theService._tcp.unilans.net");
  CHECK(host_field(asked, where, false) == "_theService._tcp.unilans.net");
  asked.version = "v1";
  CHECK(host_field(asked, where, false) == "_v1._theservice._tcp.unilans.net");
}

TEST_CASE("http_request: Host is the target where the service is no host name or was not found", "[cli][http]") {
  endpoint where;
  where.target = named("host1.unilans.net");
  where.port = 8080;
  service_query asked;
  asked.qname = named("host1.unilans.net");
  CHECK(host_field(asked, where, false) == "host1.unilans.net:8080");
  asked.qname = named("My\\032Printer._http._tcp.unilans.net");
  where.instances = {asked.qname};
  CHECK(host_field(asked, where, false) == "host1.unilans.net:8080");
  where.port = 80;
  CHECK(host_field(asked, where, false) == "host1.unilans.net");
  CHECK(host_field(asked, where, true) == "host1.unilans.net:80");
  where.port = 443;
  CHECK(host_field(asked, where, true) == "host1.unilans.net");
}
