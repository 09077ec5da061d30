#include "sd-connect/options/service_text.hpp"

#include "unit/cli/command_line.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using Catch::Matchers::Contains;
using cli::exit_code;

TEST_CASE("service text: a URL tells name, path and whether over TLS", "[cli][fault-O29]") {
  const cli::options get = parse({"get", "http://_x._tcp.example.com/path?a=b#top"});
  CHECK(get.query->qname.to_text() == "_x._tcp.example.com.");
  CHECK(get.path == "/path?a=b");
  CHECK_FALSE(get.tls);
  const cli::options secure = parse({"get", "HTTPS://_x._tcp.example.com"});
  CHECK(secure.path == "/");
  CHECK(secure.tls);
  CHECK(parse({"get", "http://_x._tcp.example.com", "--tls"}).tls);
  CHECK(parse({"get", "http://_x._tcp.example.com:/?q"}).path == "/?q");
  CHECK(parse({"get", "http://_x._tcp.example.com/", "/other"}).path == "/other");
  // The octets of a label, as RFC 3986 writes them.
  CHECK(parse({"get", "http://Dr%2E%20P%5c._x._tcp.example.com/"}).query->qname.first_label() == "Dr. P\\");
  CHECK(parse({"get", "http://My\\032Printer._x._tcp.example.com/"}).query->qname.first_label() == "My Printer");
}

TEST_CASE("service text: a URL alone is get; check asks for its path; other commands use its name",
          "[cli][fault-O29]") {
  const cli::options alone = parse({"https://_x._tcp.example.com/a"});
  CHECK(alone.command == "get");
  CHECK(alone.path == "/a");
  const cli::options check = parse({"check", "https://_x._tcp.example.com/health"});
  CHECK(check.check == probe_kind::http);
  CHECK(check.path == "/health");
  CHECK(check.tls);
  CHECK(parse({"check", "http://_x._tcp.example.com/health", "--check", "tcp"}).check == probe_kind::tcp);
  const cli::options resolve = parse({"resolve", "http://_x._tcp.example.com/a"});
  CHECK(resolve.query->qname.to_text() == "_x._tcp.example.com.");
  CHECK(parse({"browse", "http://_x._tcp.example.com/"}).browse_type->to_text() == "_x._tcp.example.com.");
}

TEST_CASE("service text: what is no name is refused with the right spelling", "[cli][fault-O29]") {
  struct row {
    words given;
    const char* expected;
  };
  for (const row& r : {
           row{{"get", "127.0.0.1"}, "an IP address where a name belongs: SERVICE '127.0.0.1': SRV records stand at"},
           row{{"127.0.0.1:80"}, "an IP address"},
           row{{"::1"}, "an IP address"},
           row{{"[2001:db8::1]:80"}, "an IP address"},
           row{{"get", "fe80::1%eth9"}, "an IP address"},
           row{{"get", "192.0.2.1."}, "an IP address"},
           row{{"get", "http://127.0.0.1/x"}, "an IP address"},
           row{{"get", "http://[::1]:80/x"}, "an IP address"},
           row{{"browse", "127.0.0.1"}, "an IP address where a name belongs: TYPE"},
           row{{"get", "_x._tcp.y.z:80"}, "'_x._tcp.y.z:80': write '_x._tcp.y.z': its SRV records tell the port"},
           row{{"resolve", "www.y.z:80"}, "write 'www.y.z' --default-port 80, or the name of a service"},
           row{{"get", "http://_x._tcp.y.z:8080/a"}, "write '_x._tcp.y.z': its SRV records"},
           row{{"browse", "_x._tcp.y.z:80"}, "write '_x._tcp.y.z': its SRV records"},
           row{{"localhost:80"}, "a port where none belongs: SERVICE 'localhost:80': a name like _http._tcp"},
           row{{"get", "_x._tcp.y.z/a/b"},
               "write '_x._tcp.y.z'; get takes a path as the next word: get '_x._tcp.y.z' '/a/b'"},
           row{{"www.y.z/a"}, "a path where none belongs: SERVICE 'www.y.z/a'"},
           row{{"resolve", "_x._tcp.y.z:80/a"}, "a port where none belongs"},
           row{{"resolve", "1.2.3.4/a"}, "an IP address"},
           row{{"get", "ftp://_x._tcp.y.z/a"},
               "not an http or https URL: SERVICE 'ftp://_x._tcp.y.z/a': write the name alone: '_x._tcp.y.z'"},
           row{{"get", "tcp://_x._tcp.y.z:80"}, "not an http or https URL"},
           row{{"get", "http://me:secret@_x._tcp.y.z/"}, "a user name where none belongs"},
           row{{"get", "http://"}, "empty name"},
           row{{"get", "http:///a"}, "empty name"},
           row{{"get", "http://_x._tcp.y.z/a b"}, "not a path: SERVICE '/a b'"},
           row{{"get", "http://%zz._x._tcp.y.z/"}, "not a URL"},
           row{{"get", "http://_x._tcp.y.z%2"}, "not a URL"},
           row{{"get", "http://_x._tcp.y.z/a", "/b"}, "two paths"},
       }) {
    const refusal refused = refusal_of(r.given);
    INFO(r.expected);
    CHECK(refused.code == exit_code::usage);
    CHECK_THAT(refused.line, Contains(r.expected));
  }
  const refusal zone_type = refusal_of({"browse", "www.y.z/a", "-z", "y.z"});
  CHECK_THAT(zone_type.line, Contains("a path where none belongs: TYPE"));
}

TEST_CASE("service text: an instance may have any octet in its own label", "[cli][fault-O29]") {
  CHECK(parse({"get", "a/b._x._tcp.y.z"}).query->qname.first_label() == "a/b");
  CHECK(parse({"get", "a:80._x._tcp.y.z"}).query->qname.first_label() == "a:80");
  CHECK(parse({"resolve", "_x._tcp.0\\/25.y.z"}).query->qname.to_text() == "_x._tcp.0/25.y.z.");
  CHECK(parse({"get", "http\\://a._x._tcp.y.z"}).query->qname.first_label() == "http://a");
}
