// A TLS server of OpenSSL on a thread: the client's handshake blocks.

#include "program/exit_code.hpp"
#include "sd-connect/commands/byte_stream.hpp"
#include "support/test_certificate.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <unistd.h>

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using sdconnect::error_code;
using sdconnect::cli::byte_stream;
using sdconnect::cli::exit_code;
using sdconnect::cli::failure;
using sdconnect::cli::is_cut_tls;
using sdconnect::cli::make_tls_stream;
using sdconnect::test::certificate;
using sdconnect::test::make_certificate;

namespace {

using tls_socket = ssl::stream<tcp::socket>;

class file_with {
 public:
  explicit file_with(const std::string& text) {
    const int fd = ::mkstemp(path_.data());
    REQUIRE(fd >= 0);
    REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(fd);
  }
  file_with(const file_with&) = delete;
  file_with& operator=(const file_with&) = delete;
  ~file_with() { ::unlink(path_.c_str()); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/sdconnect-test-XXXXXX";
};

/// Accepts one connection and, after the handshake, does as told. `sni` is the name the client
/// asked for.
struct tls_server {
  asio::io_context io;
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  std::string sni;
  std::future<void> running;

  void serve(const certificate& with, std::function<void(tls_socket&)> then, int highest = TLS1_3_VERSION) {
    running = std::async(std::launch::async, [this, with, then = std::move(then), highest] {
      ssl::context context(ssl::context::tls_server);
      context.use_certificate(asio::buffer(with.certificate_pem), ssl::context::pem);
      context.use_private_key(asio::buffer(with.key_pem), ssl::context::pem);
      SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context.native_handle(), highest);
      SSL_CTX_set_security_level(context.native_handle(), 0);
      tls_socket peer(acceptor.accept(), context);
      error_code ec;
      peer.handshake(ssl::stream_base::server, ec);
      const char* asked = SSL_get_servername(peer.native_handle(), TLSEXT_NAMETYPE_host_name);
      sni = asked != nullptr ? asked : "";
      if (!ec) then(peer);
    });
  }

  tcp::socket connected() {
    tcp::socket socket(io);
    socket.connect(acceptor.local_endpoint());
    return socket;
  }
};

/// The handshake as `get` does it; the exit code when it fails.
struct attempt {
  std::unique_ptr<byte_stream> stream;
  exit_code code = exit_code::done;
  std::string line;
};

attempt try_handshake(tls_server& server, const std::string& name, const std::string& ca_file,
                      std::chrono::milliseconds limit = std::chrono::seconds(10)) {
  attempt made;
  try {
    made.stream =
        make_tls_stream(server.io, server.connected(), {.peer_name = name, .ca_file = ca_file, .where = "the endpoint"},
                        std::chrono::steady_clock::now() + limit);
  } catch (const failure& f) {
    made.code = f.code();
    made.line = f.what();
  }
  return made;
}

std::string read_to_end(byte_stream& stream, error_code& ec) {
  std::string all;
  std::array<char, 1000> block;
  for (;;) {
    const auto [error, octets] = stream.read_some(block, std::nullopt);
    all.append(block.data(), octets);
    if (error) {
      ec = error;
      return all;
    }
  }
}

const auto ignore = [](tls_socket&) {};

}  // namespace

TEST_CASE("tls_stream: a certificate for the name asked for is accepted, and the name is sent as SNI", "[cli][tls]") {
  const certificate own = make_certificate("DNS:host1.unilans.net");
  const file_with ca(own.certificate_pem);
  tls_server server;
  server.serve(own, [](tls_socket& peer) {
    std::string line;
    asio::read_until(peer, asio::dynamic_buffer(line), '\n');
    asio::write(peer, asio::buffer("heard " + line));
    error_code ignored;
    peer.shutdown(ignored);
  });

  attempt made = try_handshake(server, "host1.unilans.net", ca.path());
  INFO(made.line);
  REQUIRE(made.stream);
  REQUIRE_FALSE(made.stream->write("hello\n", byte_stream::time_point::max()).failed());
  error_code end;
  CHECK(read_to_end(*made.stream, end) == "heard hello\n");
  CHECK(end == asio::error::eof);
  made.stream.reset();  // the server waits for our side of the farewell
  server.running.get();
  CHECK(server.sni == "host1.unilans.net");
}

TEST_CASE("tls_stream: an address as name is matched as an address and not sent as SNI", "[cli][tls]") {
  const certificate own = make_certificate("IP:127.0.0.1");
  const file_with ca(own.certificate_pem);
  tls_server server;
  server.serve(own, ignore);
  CHECK(try_handshake(server, "127.0.0.1", ca.path()).stream);
  server.running.get();
  CHECK(server.sni.empty());
}

TEST_CASE("tls_stream: a certificate that does not pass is refused with OpenSSL's reason", "[cli][tls]") {
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
  const file_with ca(trusted ? own.certificate_pem : make_certificate("DNS:x").certificate_pem);
  tls_server server;
  server.serve(own, ignore);

  const attempt made = try_handshake(server, "host1.unilans.net", ca.path());

  CHECK(made.code == exit_code::refused);
  CHECK_THAT(made.line, Catch::Contains(reason));
  CHECK_THAT(made.line, Catch::Contains("the endpoint"));
}

TEST_CASE("tls_stream: TLS 1.1 is not spoken", "[cli][tls]") {
  const certificate own = make_certificate("DNS:host1.unilans.net");
  const file_with ca(own.certificate_pem);
  tls_server server;
  server.serve(own, ignore, TLS1_1_VERSION);
  CHECK(try_handshake(server, "host1.unilans.net", ca.path()).code == exit_code::protocol);
}

TEST_CASE("tls_stream: a peer that does not speak TLS", "[cli][tls]") {
  tls_server server;
  server.running = std::async(std::launch::async, [&] {
    tcp::socket peer = server.acceptor.accept();
    asio::write(peer, asio::buffer(std::string("HTTP/1.1 400 Bad Request\r\n\r\n")));
  });
  const file_with ca(make_certificate("DNS:x").certificate_pem);
  CHECK(try_handshake(server, "host1.unilans.net", ca.path()).code == exit_code::protocol);
}

TEST_CASE("tls_stream: a peer that says nothing ends at the deadline", "[cli][tls][fault-X29]") {
  tls_server server;
  const file_with ca(make_certificate("DNS:x").certificate_pem);
  const attempt made = try_handshake(server, "host1.unilans.net", ca.path(), std::chrono::milliseconds(20));
  CHECK(made.code == exit_code::unavailable);
}

TEST_CASE("tls_stream: a CA file that cannot be used is the user's matter", "[cli][tls]") {
  tls_server server;
  CHECK(try_handshake(server, "x", "/does/not/exist").code == exit_code::no_input);
  const file_with empty("no certificate\n");
  CHECK(try_handshake(server, "x", empty.path()).code == exit_code::no_input);
}

TEST_CASE("tls_stream: an end without close_notify is told apart from a proper end",
          "[cli][tls][fault-L21][fault-X29]") {
  const certificate own = make_certificate("DNS:host1.unilans.net");
  const file_with ca(own.certificate_pem);
  tls_server server;
  server.serve(own, [](tls_socket& peer) { asio::write(peer, asio::buffer(std::string("half"))); });

  const attempt made = try_handshake(server, "host1.unilans.net", ca.path());
  REQUIRE(made.stream);
  error_code end;
  CHECK(read_to_end(*made.stream, end) == "half");
  CHECK(is_cut_tls(end));
}
