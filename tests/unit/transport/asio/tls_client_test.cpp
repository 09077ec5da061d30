#include "net/tls/tls_client.hpp"

#include "net/tls/client_stream.hpp"
#include "net/tls/tls_error.hpp"
#include "support/scratch_folder.hpp"
#include "support/test_certificate.hpp"
#include "unit/transport/asio_stream_scene.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <openssl/x509_vfy.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// A server with a certificate of an authority that the client can trust.
struct tls_scene : stream_scene {
  authority ca = make_authority();
  scratch_file ca_file{ca.certificate_pem};
  std::vector<std::string> names;  // asked for by SNI

  sdconnect::detail::tls_identity identity(const certificate& own) {
    return {.certificate_pem = own.certificate_pem, .key_pem = own.key_pem, .on_name = [this](const std::string& name) {
              names.push_back(name);
            }};
  }
  test::forging_server& serve_tls(const sdconnect::detail::tls_identity& own, test::forger handler = echoes()) {
    return serve(std::move(handler), {.tls = own});
  }
  test::forging_server& serve_issued(const std::string& alternative_name, long first = -3600, long last = 3600) {
    return serve_tls(identity(make_certificate(alternative_name, first, last, &ca)));
  }

  /// Takes the client's first octets for the length of a query, and closes when no more come.
  test::forging_server& serve_plain() { return serve(echoes(), {.idle_timeout = std::chrono::milliseconds(20)}); }

  void open_tls(const test::forging_server& to, tls_options with) { open(name_server::over_tls(address_of(to), with)); }
  /// The error of the handshake; success when a query was answered.
  error_code try_query(const test::forging_server& to, const tls_options& with) {
    open_tls(to, with);
    write(1);
    l.until([&] { return !received.empty() || end; });
    CHECK(to.queries(lab::transport::udp) == 0);
    CHECK(to.queries(lab::transport::tcp) == (end ? 0 : 1));  // nothing in clear text, nothing to an unverified server
    CHECK(is_open == !end);
    return end.value_or(error_code());
  }
};

TEST_CASE("tls: a certificate for the server's name is accepted, and the name is sent as SNI",
          "[transport][tls][rfc7858][rfc8310][fault-X28]") {
  tls_scene s;
  const auto& server = s.serve_issued("DNS:dns.example.com");
  CHECK_FALSE(s.try_query(server, {.server_name = "dns.example.com", .ca_file = s.ca_file.path()}));
  CHECK(s.names == std::vector<std::string>{"dns.example.com"});
}

TEST_CASE("tls: without a name the certificate is for the address, and there is no SNI",
          "[transport][tls][rfc8310][fault-X28]") {
  tls_scene s;
  const auto& server = s.serve_issued("IP:127.0.0.1");
  CHECK_FALSE(s.try_query(server, {.ca_file = s.ca_file.path()}));
  CHECK(s.names == std::vector<std::string>{""});
}

TEST_CASE("tls: a certificate that does not pass ends the stream before any query",
          "[transport][tls][rfc8310][fault-X28]") {
  const auto [what, alternative_name, first, last, name, verdict] =
      GENERATE(table<std::string, std::string, long, long, std::string, int>({
          {"other name", "DNS:other.example.com", -3600, 3600, "dns.example.com", X509_V_ERR_HOSTNAME_MISMATCH},
          {"wildcard too high", "DNS:*.com", -3600, 3600, "dns.example.com", X509_V_ERR_HOSTNAME_MISMATCH},
          {"name instead of address", "DNS:localhost", -3600, 3600, "", X509_V_ERR_IP_ADDRESS_MISMATCH},
          {"other address", "IP:127.0.0.2", -3600, 3600, "", X509_V_ERR_IP_ADDRESS_MISMATCH},
          {"expired", "DNS:dns.example.com", -7200, -3600, "dns.example.com", X509_V_ERR_CERT_HAS_EXPIRED},
          {"not yet valid", "DNS:dns.example.com", 3600, 7200, "dns.example.com", X509_V_ERR_CERT_NOT_YET_VALID},
      }));
  INFO(what);
  tls_scene s;
  const auto& server = s.serve_issued(alternative_name, first, last);
  const error_code ec = s.try_query(server, {.server_name = name, .ca_file = s.ca_file.path()});
  CHECK(ec == certificate_error(verdict));
  CHECK(ec == condition::refused_by_policy);
  CHECK_THAT(ec.message(), Catch::StartsWith("certificate not accepted: "));
}

TEST_CASE("tls: a certificate of nobody we trust", "[transport][tls][rfc8310][fault-X28]") {
  tls_scene s;
  SECTION("signed by itself") {
    const auto& server = s.serve_tls(s.identity(make_certificate("DNS:dns.example.com")));
    CHECK(s.try_query(server, {.server_name = "dns.example.com", .ca_file = s.ca_file.path()}) ==
          certificate_error(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT));
  }
  SECTION("by an authority the system does not know") {
    const auto& server = s.serve_issued("DNS:dns.example.com");
    const error_code ec = s.try_query(server, {.server_name = "dns.example.com"});
    CHECK(ec == certificate_error(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY));
    CHECK_THAT(ec.message(), Catch::Contains("unable to get local issuer certificate"));
  }
}

TEST_CASE("tls: a pin alone vouches for a certificate that nobody signed", "[transport][tls][rfc7858][fault-X28]") {
  tls_scene s;
  const certificate own = make_certificate("DNS:whoever", -7200, -3600);
  const certificate other = make_certificate("DNS:whoever");
  const auto& server = s.serve_tls(s.identity(own));
  const key_pin right = key_pin::from_text(pin_of(own.certificate_pem)).value();
  const key_pin wrong = key_pin::from_text(pin_of(other.certificate_pem)).value();
  SECTION("one of several is enough") { CHECK_FALSE(s.try_query(server, {.pins = {wrong, right}})); }
  SECTION("none of them fits") {
    const error_code ec = s.try_query(server, {.pins = {wrong}});
    CHECK(ec == pin_mismatch());
    CHECK(ec == condition::refused_by_policy);
    CHECK(ec.message() == "certificate not accepted: key is none of the pinned ones");
  }
  SECTION("with a name the certificate counts, too") {
    CHECK(s.try_query(server, {.server_name = "whoever", .pins = {right}}) == condition::refused_by_policy);
  }
}

TEST_CASE("tls: a pin beside a name may be that of the authority", "[transport][tls][rfc7858][fault-X28]") {
  tls_scene s;
  const certificate own = make_certificate("DNS:dns.example.com", -3600, 3600, &s.ca);
  const auto& server = s.serve_tls(s.identity(own));
  tls_options settings{.server_name = "dns.example.com", .ca_file = s.ca_file.path()};
  const bool is_authoritys = GENERATE(false, true);
  settings.pins = {key_pin::from_text(pin_of(is_authoritys ? s.ca.certificate_pem : own.certificate_pem)).value()};
  CHECK_FALSE(s.try_query(server, settings));

  settings.pins = {key_pin{}};
  s.received.clear();
  s.open_tls(server, settings);
  CHECK(s.wait_for_end() == pin_mismatch());
}

TEST_CASE("tls: opportunistic takes any certificate, and still no clear text", "[transport][tls][rfc8310][fault-X28]") {
  tls_scene s;
  SECTION("TLS") {
    const auto& server = s.serve_tls(s.identity(make_certificate("DNS:other", -7200, -3600)));
    CHECK_FALSE(s.try_query(server, {.server_name = "dns.example.com", .opportunistic = true}));
  }
  SECTION("no TLS") {
    const auto& server = s.serve_plain();
    CHECK(s.try_query(server, {.server_name = "dns.example.com", .opportunistic = true}));
  }
}

TEST_CASE("tls: TLS 1.1 is not spoken", "[transport][tls][rfc8310][fault-X28]") {
  tls_scene s;
  sdconnect::detail::tls_identity own = s.identity(make_certificate("IP:127.0.0.1", -3600, 3600, &s.ca));
  own.newest_version = GENERATE(TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION);
  CAPTURE(own.newest_version);
  const auto& server = s.serve_tls(own);
  CHECK(s.try_query(server, {.ca_file = s.ca_file.path()}).failed() == (own.newest_version == TLS1_1_VERSION));
}

TEST_CASE("tls: renegotiation is refused", "[transport][tls][rfc8310][fault-X28]") {
  const auto context = make_tls_context({.opportunistic = true}).value();
  CHECK((SSL_CTX_get_options(context->native_handle()) & SSL_OP_NO_RENEGOTIATION) != 0);
}

TEST_CASE("tls: a server of plain TCP on that port gets no query", "[transport][tls][rfc8310][fault-X28]") {
  tls_scene s;
  const auto& server = s.serve_plain();
  CHECK(s.try_query(server, {.ca_file = s.ca_file.path()}));
}

TEST_CASE("tls: a server that answers the handshake in clear text", "[transport][tls][rfc8310][fault-X28]") {
  tls_scene s;
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  s.open(name_server::over_tls({ip_address::v4({127, 0, 0, 1}), acceptor.local_endpoint().port()}, {}));
  s.write(1);
  tcp::socket peer = acceptor.accept();
  asio::write(peer, asio::buffer(octets(100, 'x')));
  CHECK(s.wait_for_end().failed());
  CHECK_FALSE(s.is_open);
}

TEST_CASE("tls: close ends a handshake that nobody answers", "[transport][tls][fault-X29]") {
  tls_scene s;
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  s.open(name_server::over_tls({ip_address::v4({127, 0, 0, 1}), acceptor.local_endpoint().port()}, {}));
  s.write(1);
  tcp::socket peer = acceptor.accept();
  octets hello(5);
  s.l.until([&] { return peer.available() >= hello.size(); });
  asio::read(peer, asio::buffer(hello));
  CHECK(hello[0] == 22);  // a handshake record, RFC 8446 §5.1
  s.stream->close();
  s.run_out();
  CHECK_FALSE(s.end);
}

TEST_CASE("tls: an unusable CA file is told like every other end", "[transport][tls]") {
  tls_scene s;
  const auto& server = s.serve_issued("IP:127.0.0.1");
  const scratch_file empty("no certificate\n");
  const bool exists = GENERATE(false, true);
  CHECK(s.try_query(server, {.ca_file = exists ? empty.path() : "/does/not/exist"}) == unusable_ca_file());
  CHECK(unusable_ca_file() == condition::bad_input);
  CHECK(unusable_ca_file().message() == "CA file not usable");

  s.servers.clear();
  s.open_again();
  s.stream.reset();
  s.run_out();
  CHECK_FALSE(s.end);
}

TEST_CASE("tls: an end between messages is one, with or without close_notify", "[transport][tls][rfc7858][fault-X29]") {
  tls_scene s;
  sdconnect::detail::tls_identity own = s.identity(make_certificate("IP:127.0.0.1", -3600, 3600, &s.ca));
  own.says_goodbye = GENERATE(true, false);
  CAPTURE(own.says_goodbye);
  const auto& server = s.serve_tls(own, [](std::span<const std::uint8_t> query, lab::transport) {
    if (id_of(query) == 2) return std::vector<test::reply>{{.without_length = true, .then_close = true}};
    return std::vector<test::reply>{{.octets = reply_to(query).bytes()}};
  });
  s.open_tls(server, {.ca_file = s.ca_file.path()});
  s.write(1);
  s.write(2);
  CHECK(s.wait_for_end() == closed_unanswered());
  CHECK(s.received.size() == 1);
}

TEST_CASE("tls: an end inside a message is a failure", "[transport][tls][rfc7858][fault-X29]") {
  tls_scene s;
  sdconnect::detail::tls_identity own = s.identity(make_certificate("IP:127.0.0.1", -3600, 3600, &s.ca));
  own.says_goodbye = GENERATE(true, false);
  CAPTURE(own.says_goodbye);
  const auto& server = s.serve_tls(own, [](std::span<const std::uint8_t>, lab::transport) {
    return std::vector<test::reply>{{.octets = {0, 100, 1, 2, 3}, .without_length = true, .then_close = true}};
  });
  s.open_tls(server, {.ca_file = s.ca_file.path()});
  s.write(1);
  CHECK(s.wait_for_end() == closed_unanswered());
}

TEST_CASE("tls: close says goodbye and waits for nobody", "[transport][tls][rfc7858][fault-X29]") {
  tls_scene s;
  const auto& server = s.serve_issued("IP:127.0.0.1");
  REQUIRE_FALSE(s.try_query(server, {.ca_file = s.ca_file.path()}));
  s.servers.clear();
  s.run_out();  // idle: no operation is pending
  s.stream->close();
  s.run_out();
  CHECK_FALSE(s.end);
}

TEST_CASE("tls: after the server's restart the next stream is as good", "[transport][tls][fault-X30]") {
  tls_scene s;
  test::forging_server& first = s.serve_issued("IP:127.0.0.1");
  const lab::name_server_options same_port{.port = first.port(),
                                           .tls = s.identity(make_certificate("IP:127.0.0.1", -3600, 3600, &s.ca))};
  REQUIRE_FALSE(s.try_query(first, {.ca_file = s.ca_file.path()}));
  first.close();
  s.write(2);
  CHECK(s.wait_for_end());

  const auto& second = s.serve(echoes(), same_port);
  s.open_again();
  s.write(3);
  s.wait_for(2);
  CHECK(second.connections() == 1);
}

TEST_CASE("tls: a thousand queries over one connection", "[transport][tls][rfc7858][fault-X27]") {
  tls_scene s;
  const auto& server = s.serve_issued("IP:127.0.0.1");
  s.open_tls(server, {.ca_file = s.ca_file.path()});
  for (std::uint16_t id = 0; id < 1000; ++id) {
    s.write(id);
    if (id % 50 == 49) s.wait_for(id + 1U);
  }
  CHECK(server.connections() == 1);
}

}  // namespace
