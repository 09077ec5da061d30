// Active checks over the network: connections, HTTP and TLS.
#include "sdconnect/connect/probe.hpp"

#include "unit/connect/probe_scene.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
namespace asio = boost::asio;

TEST_CASE("probe: tcp is well when a connection is accepted, and says why not", "[connect][probe]") {
  probing p;
  const listener live(p.l, "127.0.0.11");
  CHECK_FALSE(p.run(live.as_endpoint()));
  CHECK(p.seen->address == ip_address::v4({127, 0, 0, 11}));
  CHECK(p.seen->attempts.size() == 1);
  CHECK(p.seen->connect_time.has_value());

  CHECK(p.run(closed_endpoint(p.l)) == asio::error::connection_refused);
  CHECK(p.seen->address == ip_address::v4({127, 0, 0, 13}));

  endpoint nowhere = live.as_endpoint();
  nowhere.addresses.clear();
  CHECK(p.run(nowhere) == errc::unreachable);
  CHECK_FALSE(p.seen->address.has_value());
}

TEST_CASE("probe: every address of an endpoint is tried", "[connect][probe]") {
  probing p;
  const listener live(p.l, "127.0.0.11");
  endpoint e = live.as_endpoint();
  e.addresses.insert(e.addresses.begin(), ip_address::v4({127, 0, 0, 99}));
  CHECK_FALSE(p.run(e));
  CHECK(p.seen->address == ip_address::v4({127, 0, 0, 11}));
  CHECK(p.seen->attempts.size() == 2);
}

TEST_CASE("probe: each kind ends at the deadline whoever it is that does not answer", "[connect][probe]") {
  const auto kind = GENERATE(probe_kind::tcp, probe_kind::http, probe_kind::tls);
  INFO(to_string(kind));
  probing p;
  p.settings.kind = kind;
  p.timeout = 60ms;
  SECTION("swallows SYNs") {
    const black_hole hole(p.l);
    CHECK(p.run(hole.as_endpoint()) == boost::system::errc::timed_out);
    CHECK(p.seen->address.has_value());
  }
  SECTION("accepts and says nothing") {
    if (kind == probe_kind::tcp) return;
    const listener mute(p.l, "127.0.0.11");
    const error_code ec = p.run(mute.as_endpoint());
    CHECK(ec == errc::deadline_passed);
    CHECK(ec == condition::transient);
    CHECK(std::chrono::steady_clock::now() >= p.deadline);
    CHECK(p.seen->elapsed > 0us);
  }
}

TEST_CASE("probe: http asks as it is told to", "[connect][probe][http]") {
  probing p;
  p.settings = {.kind = probe_kind::http,
                .path = "/health?full",
                .head_only = true,
                .headers = {"X-Probe: 1"},
                .user_agent = "tester/1"};
  replying_server server(p.l, "HTTP/1.1 204 No Content\r\n\r\n");
  const endpoint e = server.as_endpoint();
  CHECK_FALSE(p.run(e));
  CHECK(p.seen->http_status == 204u);
  CHECK(server.requests.at(0) == "HEAD /health?full HTTP/1.1\r\nHost: live.example.com:" + std::to_string(e.port) +
                                     "\r\nUser-Agent: tester/1\r\nAccept: */*\r\nConnection: close\r\n"
                                     "X-Probe: 1\r\n\r\n");
  p.settings.host = "_x._tcp.example.com";
  CHECK_FALSE(p.run(e));
  CHECK_THAT(server.requests.at(1), Contains("\r\nHost: _x._tcp.example.com\r\n"));
}

TEST_CASE("probe: http is well by its status, which is all that is read", "[connect][probe][http]") {
  const auto [reply, status, text] = GENERATE(table<std::string, unsigned, std::string>({
      {"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nonly this", 200, ""},
      {"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n", 302, ""},
      {"HTTP/1.0 200 OK\r\n\r\n", 200, ""},
      {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 200, ""},
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, "HTTP status 404"},
      {"HTTP/1.1 503 Service Unavailable\r\n\r\n", 503, "HTTP status 503"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk", 200, ""},
  }));
  INFO(reply);
  probing p;
  p.settings.kind = probe_kind::http;
  const replying_server server(p.l, reply, GENERATE(true, false));
  const error_code ec = p.run(server.as_endpoint());
  CHECK(p.seen->http_status == status);
  CHECK((ec ? ec.message() : "") == text);
  CHECK((!ec || ec == condition::bad_peer));
}

TEST_CASE("probe: which statuses are good is for the caller to say", "[connect][probe][http]") {
  probing p;
  p.settings.kind = probe_kind::http;
  p.settings.expected = {{200, 299}, {404, 404}};
  const replying_server missing(p.l, "HTTP/1.1 404 Not Found\r\n\r\n"), moved(p.l, "HTTP/1.1 301 Moved\r\n\r\n");
  CHECK_FALSE(p.run(missing.as_endpoint()));
  CHECK(p.run(moved.as_endpoint()).message() == "HTTP status 301");
}

TEST_CASE("probe: what is no HTTP is not well, and has no status", "[connect][probe][http]") {
  probing p;
  p.settings.kind = probe_kind::http;
  const auto check = [&](const std::string& reply, bool closes, const std::string& text) {
    INFO(reply.substr(0, 40));
    const replying_server server(p.l, reply, closes);
    const error_code ec = p.run(server.as_endpoint());
    CHECK(ec);
    CHECK_FALSE(p.seen->http_status.has_value());
    if (!text.empty()) CHECK(ec.message() == text);
  };
  check("SSH-2.0-OpenSSH_9.2\r\n", false, "");
  check("", true, "connection closed without an answer");
  check("HTTP/1.1 200 OK\r\nX: cut", true, "");
  check("HTTP/1.1 101 Switching Protocols\r\n\r\n", false, "");
  // An endless head, and endless interim responses.
  check("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), false, "");
  std::string hints;
  for (int i = 0; i < 100; ++i) hints += "HTTP/1.1 103 Early Hints\r\n\r\n";
  check(hints, false, "");
}

TEST_CASE("probe: tls is well when the certificate is for the target, or for the name given", "[connect][probe][tls]") {
  probing p;
  const trust t;
  p.settings.kind = probe_kind::tls;
  p.settings.ca_file = t.ca_file.path();
  std::string asked_for;
  sdconnect::detail::tls_identity identity = t.identity("DNS:live.example.com,DNS:other.example.com,IP:127.0.0.11");
  identity.on_name = [&](const std::string& name) { asked_for = name; };
  const replying_server server(p.l, "", true, identity);
  CHECK_FALSE(p.run(server.as_endpoint()));
  CHECK(p.seen->tls_version == "TLSv1.3");
  CHECK(asked_for == "live.example.com");
  p.settings.tls_name = "other.example.com";
  CHECK_FALSE(p.run(server.as_endpoint()));
  p.settings.tls_name = "127.0.0.11";
  CHECK_FALSE(p.run(server.as_endpoint()));
  CHECK(asked_for.empty());  // RFC 6066 §3
  p.settings.tls_name = "third.example.com";
  const error_code ec = p.run(server.as_endpoint());
  CHECK_THAT(ec.message(), StartsWith("certificate not accepted: "));
  CHECK(ec == condition::refused_by_policy);
  CHECK(p.seen->tls_version.empty());
}

TEST_CASE("probe: tls says what else is wrong", "[connect][probe][tls]") {
  probing p;
  const trust t;
  p.settings.kind = probe_kind::tls;
  p.settings.ca_file = t.ca_file.path();
  SECTION("a peer that closes") {
    const replying_server server(p.l, "");
    CHECK(p.run(server.as_endpoint()).message() == "connection closed without an answer");
  }
  SECTION("a peer that speaks something else") {
    const replying_server server(p.l, "HTTP/1.1 400 Bad Request\r\n\r\n");
    CHECK(p.run(server.as_endpoint()));
  }
  SECTION("a stranger") {
    const trust other;
    const replying_server server(p.l, "", true, other.identity("DNS:live.example.com"));
    CHECK(p.run(server.as_endpoint()) == condition::refused_by_policy);
  }
  SECTION("an authority that is none is not the endpoint's doing") {
    const scratch_file nothing("no certificate");
    p.settings.ca_file = nothing.path();
    const replying_server server(p.l, "", true, t.identity("DNS:live.example.com"));
    CHECK(p.run(server.as_endpoint()) == condition::bad_input);
  }
}

TEST_CASE("probe: http over TLS sends nothing to a peer whose certificate does not hold", "[connect][probe][tls]") {
  probing p;
  const trust t;
  p.settings = {.kind = probe_kind::http, .over_tls = true, .ca_file = t.ca_file.path()};
  replying_server good(p.l, "HTTP/1.1 200 OK\r\n\r\n", true, t.identity("DNS:live.example.com"));
  CHECK_FALSE(p.run(good.as_endpoint()));
  CHECK(p.seen->http_status == 200u);
  CHECK(p.seen->tls_version == "TLSv1.3");
  CHECK(good.requests.size() == 1);
  replying_server stranger(p.l, "HTTP/1.1 200 OK\r\n\r\n", true, t.identity("DNS:stranger.example.com"));
  CHECK(p.run(stranger.as_endpoint()) == condition::refused_by_policy);
  CHECK(stranger.requests.empty());
}
