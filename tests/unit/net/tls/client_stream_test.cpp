// An OpenSSL TLS server in a separate thread.

#include "net/tls/client_stream.hpp"

#include "net/tls/tls_client.hpp"
#include "net/tls/tls_error.hpp"
#include "support/scratch_folder.hpp"
#include "support/test_certificate.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <functional>
#include <future>
#include <optional>
#include <string>

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using sdconnect::condition;
using sdconnect::error_code;
using sdconnect::detail::certificate_fault;
using sdconnect::detail::client_stream;
using sdconnect::detail::is_cut_tls;
using sdconnect::detail::make_tls_context;
using sdconnect::test::certificate;
using sdconnect::test::make_certificate;
using sdconnect::test::scratch_file;

namespace {

using tls_socket = ssl::stream<tcp::socket>;

/// Accepts one connection and, after the handshake, runs the given function. `sni` is the server
/// name that the client sent.
struct tls_server {
  asio::io_context io;
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  std::string sni;
  std::string protocol;  // offered and selected (ALPN)
  std::future<void> running;

  void serve(const certificate& with, std::function<void(tls_socket&)> then, int highest = TLS1_3_VERSION) {
    running = std::async(std::launch::async, [this, with, then = std::move(then), highest] {
      ssl::context context(ssl::context::tls_server);
      context.use_certificate(asio::buffer(with.certificate_pem), ssl::context::pem);
      context.use_private_key(asio::buffer(with.key_pem), ssl::context::pem);
      SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context.native_handle(), highest);
      SSL_CTX_set_security_level(context.native_handle(), 0);
      SSL_CTX_set_alpn_select_cb(
          context.native_handle(),
          [](SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned, void*) {
            *size = offered[0];
            *chosen = offered + 1;
            return SSL_TLSEXT_ERR_OK;
          },
          nullptr);
      tls_socket peer(acceptor.accept(), context);
      error_code ec;
      peer.handshake(ssl::stream_base::server, ec);
      const char* asked = SSL_get_servername(peer.native_handle(), TLSEXT_NAMETYPE_host_name);
      sni = asked != nullptr ? asked : "";
      const unsigned char* chosen = nullptr;
      unsigned size = 0;
      SSL_get0_alpn_selected(peer.native_handle(), &chosen, &size);
      protocol.assign(reinterpret_cast<const char*>(chosen), size);
      if (!ec) then(peer);
    });
  }

  void run() {
    io.restart();
    io.run();
  }

  tcp::socket connected() {
    tcp::socket socket(io);
    socket.connect(acceptor.local_endpoint());
    return socket;
  }
};

struct attempt {
  std::unique_ptr<client_stream> stream;
  error_code error;
};

/// `error` is from creating the context, or from the handshake.
attempt try_handshake(tls_server& server, const std::string& name, const std::string& ca_file) {
  const auto context = make_tls_context({.server_name = {}, .pins = {}, .ca_file = ca_file});
  if (!context) return {nullptr, context.error()};
  attempt made{std::make_unique<client_stream>(server.connected(), *context, name), {}};
  made.stream->async_handshake([&](error_code ec) { made.error = ec; });
  server.run();
  return made;
}

std::string read_to_end(tls_server& server, client_stream& stream, error_code& ec) {
  std::string all;
  std::array<char, 1000> block;
  while (!ec) {
    stream.async_read_some(block, [&](error_code error, std::size_t octets) {
      ec = error;
      all.append(block.data(), octets);
    });
    server.run();
  }
  return all;
}

const auto ignore = [](tls_socket&) {};

}  // namespace

TEST_CASE("client_stream: a certificate for the name asked for is accepted, and the name is sent as SNI",
          "[net][tls]") {
  const certificate own = make_certificate("DNS:host1.unilans.net");
  const scratch_file ca(own.certificate_pem);
  tls_server server;
  server.serve(own, [](tls_socket& peer) {
    std::string line;
    asio::read_until(peer, asio::dynamic_buffer(line), '\n');
    asio::write(peer, asio::buffer("heard " + line));
    error_code ignored;
    peer.shutdown(ignored);
  });

  const auto context = make_tls_context({.server_name = {}, .pins = {}, .ca_file = ca.path()});
  auto stream = std::make_unique<client_stream>(server.connected(), *context, "host1.unilans.net");
  stream->offer("http/1.1");
  error_code ec = asio::error::would_block;
  stream->async_handshake([&](error_code of) { ec = of; });
  server.run();
  REQUIRE_FALSE(ec.failed());
  CHECK(stream->tls_version().starts_with("TLSv1."));
  stream->async_write("hello\n", [&](error_code of, std::size_t) { ec = of; });
  server.run();
  REQUIRE_FALSE(ec.failed());
  CHECK(read_to_end(server, *stream, ec) == "heard hello\n");
  CHECK(ec == asio::error::eof);
  stream.reset();  // the server waits for the client's close_notify
  server.running.get();
  CHECK(server.sni == "host1.unilans.net");
  CHECK(server.protocol == "http/1.1");
}

TEST_CASE("client_stream: an address as name is matched as an address and not sent as SNI", "[net][tls]") {
  const certificate own = make_certificate("IP:127.0.0.1");
  const scratch_file ca(own.certificate_pem);
  tls_server server;
  server.serve(own, ignore);
  CHECK_FALSE(try_handshake(server, "127.0.0.1", ca.path()).error.failed());
  server.running.get();
  CHECK(server.sni.empty());
}

TEST_CASE("client_stream: a certificate that does not pass is refused with OpenSSL's reason", "[net][tls]") {
  const auto [what, alternative, first, last, trusted, reason] =
      GENERATE(table<std::string, std::string, long, long, bool, std::string>({
          {"other name", "DNS:host2.unilans.net", -10, 3600, true, "hostname mismatch"},
          {"wildcard one label too high", "DNS:*.net", -10, 3600, true, "hostname mismatch"},
          {"expired", "DNS:host1.unilans.net", -7200, -3600, true, "certificate has expired"},
          {"not yet valid", "DNS:host1.unilans.net", 3600, 7200, true, "not yet valid"},
          {"unknown authority", "DNS:host1.unilans.net", -10, 3600, false, "self-signed certificate"},
      }));
  INFO(what);
  const certificate own = make_certificate(alternative, first, last);
  const scratch_file ca(trusted ? own.certificate_pem : make_certificate("DNS:x").certificate_pem);
  tls_server server;
  server.serve(own, ignore);

  const error_code ec = try_handshake(server, "host1.unilans.net", ca.path()).error;

  CHECK(ec == condition::refused_by_policy);
  CHECK_THAT(certificate_fault(ec), Catch::Contains(reason));
}

TEST_CASE("client_stream: TLS 1.1 is not spoken", "[net][tls]") {
  const certificate own = make_certificate("DNS:host1.unilans.net");
  const scratch_file ca(own.certificate_pem);
  tls_server server;
  server.serve(own, ignore, TLS1_1_VERSION);
  const error_code ec = try_handshake(server, "host1.unilans.net", ca.path()).error;
  CHECK(ec.category() == asio::error::get_ssl_category());
  CHECK(certificate_fault(ec).empty());
}

TEST_CASE("client_stream: a peer that does not speak TLS", "[net][tls]") {
  tls_server server;
  server.running = std::async(std::launch::async, [&] {
    tcp::socket peer = server.acceptor.accept();
    asio::write(peer, asio::buffer(std::string("HTTP/1.1 400 Bad Request\r\n\r\n")));
  });
  const scratch_file ca(make_certificate("DNS:x").certificate_pem);
  const error_code ec = try_handshake(server, "host1.unilans.net", ca.path()).error;
  CHECK(ec.category() == asio::error::get_ssl_category());
  CHECK(certificate_fault(ec).empty());
}

TEST_CASE("client_stream: a peer that says nothing is waited for until the stream is closed", "[net][tls][fault-X29]") {
  tls_server server;
  const auto context = make_tls_context({});
  client_stream stream(server.connected(), *context, "x");
  error_code ec;
  stream.async_handshake([&](error_code of) { ec = of; });
  server.io.poll();
  CHECK_FALSE(ec.failed());
  stream.close();
  server.run();
  CHECK(ec == asio::error::operation_aborted);
}

TEST_CASE("client_stream: a CA file that cannot be used is the user's matter", "[net][tls]") {
  tls_server server;
  CHECK(try_handshake(server, "x", "/does/not/exist").error == condition::bad_input);
  const scratch_file empty("no certificate\n");
  CHECK(try_handshake(server, "x", empty.path()).error == condition::bad_input);
}

TEST_CASE("client_stream: an end without close_notify is told apart from a proper end",
          "[net][tls][fault-L21][fault-X29]") {
  const certificate own = make_certificate("DNS:host1.unilans.net");
  const scratch_file ca(own.certificate_pem);
  tls_server server;
  server.serve(own, [](tls_socket& peer) { asio::write(peer, asio::buffer(std::string("half"))); });

  const attempt made = try_handshake(server, "host1.unilans.net", ca.path());
  REQUIRE_FALSE(made.error.failed());
  error_code end;
  CHECK(read_to_end(server, *made.stream, end) == "half");
  CHECK(is_cut_tls(end));
}
