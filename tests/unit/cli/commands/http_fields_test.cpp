#include "sd-connect/commands/http_fields.hpp"

#include "sd-connect/options/http_values.hpp"
#include "support/name_of.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using cli::host_field;
using cli::host_from_text;
using cli::host_of_user;
using test::name_of;

namespace {

cli::options asking(const char* service) {
  cli::options opts;
  opts.query.emplace();
  opts.query->qname = name_of(service);
  return opts;
}

endpoint host1() {
  endpoint where;
  where.target = name_of("host1.unilans.net");
  where.port = 8080;
  where.instances = {name_of("_v1._theservice._tcp.unilans.net")};
  return where;
}

}  // namespace

TEST_CASE("http_fields: Host is the target, with the port unless it is the scheme's", "[cli][http][fault-O20]") {
  endpoint where = host1();
  cli::options opts = asking("_theService._tcp.unilans.net");
  CHECK(host_field(opts, where) == "host1.unilans.net:8080");
  where.port = 80;
  CHECK(host_field(opts, where) == "host1.unilans.net");
  opts.tls = true;
  CHECK(host_field(opts, where) == "host1.unilans.net:80");
  where.port = 443;
  CHECK(host_field(opts, where) == "host1.unilans.net");
}

TEST_CASE("http_fields: --host replaces the target, --host service sends the service or the instance chosen",
          "[cli][http][fault-O20]") {
  endpoint where = host1();
  cli::options opts = asking("_theService._tcp.unilans.net");
  opts.host = "www.example.com:81";
  CHECK(host_field(opts, where) == "www.example.com:81");
  opts.host.clear();
  opts.host_is_service = true;
  CHECK(host_field(opts, where) == "_theService._tcp.unilans.net");
  opts.query->version = "v1";
  CHECK(host_field(opts, where) == "_v1._theservice._tcp.unilans.net");
  opts = asking("My\\032Printer._http._tcp.unilans.net");  // no host name
  opts.host_is_service = true;
  CHECK(host_of_user(opts, where).empty());
  CHECK(host_field(opts, where) == "host1.unilans.net:8080");
}

TEST_CASE("http_fields: names in TLS, the certificate's and SNI", "[cli][http][fault-O20]") {
  struct row {
    const char *host, *tls_name, *certificate, *server_name;
  };
  const auto [host, tls_name, certificate, server_name] = GENERATE(values<row>({
      {"", "", "host1.unilans.net", "host1.unilans.net"},
      {"www.example.com.", "", "www.example.com", "www.example.com"},
      {"www.example.com:8443", "", "www.example.com", "www.example.com"},
      {"[2001:db8::1]:8443", "", "2001:db8::1", "2001:db8::1"},
      {"", "example.com", "example.com", "example.com"},
      {"www.example.com", "example.com", "example.com", "www.example.com"},
  }));
  cli::options opts = asking("_theService._tcp.unilans.net");
  opts.host = host;
  opts.tls_name = tls_name;
  CHECK(cli::tls_names_of(opts, host1()).certificate == certificate);
  CHECK(cli::tls_names_of(opts, host1()).server_name == server_name);
}

TEST_CASE("http_fields: what --host takes", "[cli][http][fault-O20]") {
  for (const char* good : {"a", "www.example.com", "www.example.com.", "a_b.example:1", "192.0.2.1", "192.0.2.1:65535",
                           "[2001:db8::1]", "[2001:db8::1]:80"}) {
    INFO(good);
    REQUIRE(host_from_text(good).has_value());
    CHECK(*host_from_text(good) == good);
  }
  for (const char* bad : {"", ".", "a b", "a:", "a:0", "a:65536", "a:x", "2001:db8::1", "[2001:db8::1", "[192.0.2.1]",
                          "[2001:db8::1]80", "[fe80::1%1]", "a\\032b", "a/b", "a\r\nb", "1.2.3"}) {
    INFO(bad);
    CHECK_FALSE(host_from_text(bad).has_value());
  }
}
