#include "helper/route/route_table.hpp"

#include "helper/route/listen_address.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

using namespace sdconnect;
using namespace sdconnect::helper;

namespace {

destination to(std::string_view host, std::uint16_t port = 80) {
  destination out{.host = std::string(host), .port = port};
  if (const result<ip_address> address = ip_address::from_text(host))
    out.address = *address;
  else
    out.names.push_back(name::from_text(host).value());
  return out;
}

/// "service NAME", "service or host NAME", "direct", "refused: REASON".
std::string text_of(const route& found) {
  switch (found.kind) {
    case route_kind::service: return "service " + found.names.front().to_text();
    case route_kind::service_or_host: return "service or host " + found.names.front().to_text();
    case route_kind::direct: return "direct";
    case route_kind::refused: return "refused: " + found.reason;
  }
  return "";
}

std::string find(const route_options& options, std::string_view host, std::uint16_t port = 80) {
  return text_of(route_table(options).find(to(host, port)));
}

}  // namespace

TEST_CASE("route: a service name is one, whatever its port; nothing else is", "[helper][fault-L8][fault-L10]") {
  const route_options any;
  CHECK(find(any, "_v1._theservice._tcp.unilans.net", 80) == "service _v1._theservice._tcp.unilans.net.");
  CHECK(find(any, "_x._tcp.example.com.", 1) == "service _x._tcp.example.com.");
  CHECK(find(any, "_x._udp.example.com") == "refused: a service over UDP has no stream");
  CHECK(find(any, "www.example.com", 443) == "refused: not a service name");
  CHECK(find(any, "192.0.2.1") == "refused: an address is no service");
  CHECK(find(any, "::1") == "refused: an address is no service");
  CHECK(route_table(any).find({.host = "a..b"}).reason == "not a domain name");
}

TEST_CASE("route: services in the allowed domains only", "[helper][fault-L9]") {
  route_options some{.allowed = {name::from_text("Example.com").value()}};
  CHECK(find(some, "_x._tcp.example.com") == "service _x._tcp.example.com.");
  CHECK(find(some, "_x._tcp.sub.EXAMPLE.com") == "service _x._tcp.sub.EXAMPLE.com.");
  CHECK(find(some, "_x._tcp.notexample.com") == "refused: not in an allowed domain");
  some.allow_direct = true;
  CHECK(find(some, "_x._tcp.notexample.com") == "refused: not in an allowed domain");
  CHECK(find(some, "www.notexample.com") == "direct");
  CHECK(find(some, "192.0.2.1") == "direct");
}

TEST_CASE("route: a mapping stands before everything, and with a port before one without", "[helper]") {
  route_options mapped{.allowed = {name::from_text("example.net").value()}};
  for (const char* text : {"www.example.com=_http._tcp.example.com", "www.example.com:443=_https._tcp.example.com"})
    mapped.mappings.push_back(*host_mapping_from_text(text));
  CHECK(find(mapped, "WWW.example.com", 80) == "service _http._tcp.example.com.");
  CHECK(find(mapped, "www.example.com.", 443) == "service _https._tcp.example.com.");
  for (const char* bad :
       {"", "host", "=_x._tcp.a", "host=", "host=www.example.com", "host=_x._udp.a", "host:0=_x._tcp.a"})
    CHECK(!host_mapping_from_text(bad));
}

TEST_CASE("route: ports stand for services if that is wanted", "[helper]") {
  route_options ports{.ports = *srv_ports_from_text("default,8443=_https")};
  CHECK(find(ports, "example.com", 443) == "service or host _https._tcp.example.com.");
  CHECK(find(ports, "example.com", 8443) == "service or host _https._tcp.example.com.");
  CHECK(find(ports, "example.com", 444) == "refused: not a service name");
  CHECK(find(ports, "192.0.2.1", 443) == "refused: an address is no service");
  CHECK(
      find(ports,
           std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(60, 'd'),
           443) == "refused: not a service name");
  for (const char* bad : {"", "443", "443=", "x=https", "0=https", "443=a_b", "443=https,", "443=https 80=http"})
    CHECK(!srv_ports_from_text(bad));
}

TEST_CASE("listen address: forms that are read and printed", "[helper]") {
  const auto text = [](std::string_view from) -> std::string {
    const auto parsed = listen_address_from_text(from);
    return parsed ? parsed->to_text() : parsed.error().what;
  };
  CHECK(text("1080") == "127.0.0.1:1080");
  CHECK(text("0") == "127.0.0.1:0");
  CHECK(text("localhost:80") == "127.0.0.1:80");
  CHECK(text("127.0.0.5:80") == "127.0.0.5:80");
  CHECK(text("[::1]:80") == "[::1]:80");
  CHECK(text("udp:53") == "udp:127.0.0.1:53");
  CHECK(text("udp:[::1]:53") == "udp:[::1]:53");
  CHECK(text("unix:/run/a:b.sock") == "unix:/run/a:b.sock");
  for (const char* bad :
       {"", ":", "a", "65536", "-1", "1.2.3:80", "::1:80", "[127.0.0.1]:80", "[]:80", "example.com:80"})
    CHECK(!listen_address_from_text(bad));
  CHECK(text("unix:") == "no path");
  CHECK(text("unix:" + std::string(108, 'a')) == "path too long");
}
