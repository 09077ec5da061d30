#include "net/tls/client_stream.hpp"
#include "unit/transport/asio_stream_scene.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <csignal>
#include <cstdint>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ids = std::vector<std::uint16_t>;

/// A listener whose side of the connection the test writes itself, on its own loop, with blocking
/// calls.
struct by_hand {
  stream_scene s;
  asio::io_context io;
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};

  tcp::socket accept() {
    s.open(name_server::at({ip_address::v4({127, 0, 0, 1}), acceptor.local_endpoint().port()}));
    tcp::socket peer = acceptor.accept();
    s.l.until([this] { return s.is_open; });
    return peer;
  }
};

octets framed(const octets& message) {
  octets out;
  put_u16(out, message.size());
  put(out, message);
  return out;
}

TEST_CASE("asio_stream: messages written before and after it is open are answered",
          "[transport][rfc7766][rfc-check-57]") {
  stream_scene s;
  s.open(name_server::at(address_of(s.serve(echoes()))));
  s.write(1);
  s.write(2);
  s.wait_for(2);
  CHECK(s.is_open);
  s.write(3);
  s.wait_for(3);
  CHECK(s.ids() == ids{1, 2, 3});
  CHECK(s.servers.front().connections() == 1);
}

TEST_CASE("asio_stream: a thousand queries reuse one connection, many at a time", "[transport][rfc7766][fault-X27]") {
  stream_scene s;
  s.open(name_server::at(address_of(s.serve(echoes()))));
  for (std::uint16_t id = 0; id < 1000; ++id) {
    s.write(id);
    if (id % 50 == 49) s.wait_for(id + 1U);
  }
  CHECK(s.servers.front().connections() == 1);
}

TEST_CASE("asio_stream: replies in pieces and several in one segment", "[transport][rfc7766][fault-X21]") {
  by_hand h;
  tcp::socket peer = h.accept();
  for (const unsigned id : {1, 2, 3, 4}) h.s.write(id);
  const octets first = framed(query_with(1));
  for (const std::uint8_t octet : first) {
    asio::write(peer, asio::buffer(&octet, 1));
    h.s.l.io.poll();
  }
  h.s.wait_for(1);
  octets rest;
  for (const unsigned id : {4, 2, 3}) put(rest, framed(query_with(id)));
  asio::write(peer, asio::buffer(rest));
  h.s.wait_for(4);
  CHECK(h.s.ids() == ids{1, 4, 2, 3});
}

TEST_CASE("asio_stream: an idle stream has no operation under way", "[transport][rfc7766]") {
  by_hand h;
  tcp::socket peer = h.accept();
  h.s.run_out();
  h.s.write(1);
  asio::write(peer, asio::buffer(framed(query_with(1))));
  h.s.wait_for(1);
  h.s.run_out();
  CHECK_FALSE(h.s.end);

  peer.close();
  h.s.run_out();
  CHECK_FALSE(h.s.end);  // the next query detects it
  h.s.write(2);
  CHECK(h.s.wait_for_end());
  CHECK(h.s.received.size() == 1);
}

TEST_CASE("asio_stream: nobody listens", "[transport]") {
  by_hand h;
  h.acceptor.close();
  asio::io_context io;
  const tcp::acceptor taken(io, {asio::ip::address_v4::loopback(), 0}, false);
  const std::uint16_t port = taken.local_endpoint().port();
  const_cast<tcp::acceptor&>(taken).close();
  h.s.open(name_server::at({ip_address::v4({127, 0, 0, 1}), port}));
  h.s.write(1);
  CHECK(h.s.wait_for_end() == asio::error::connection_refused);
  h.s.stream->write(query_with(2));
  h.s.stream->close();
}

TEST_CASE("asio_stream: an end between messages or inside one", "[transport][rfc7766][fault-X29]") {
  by_hand h;
  tcp::socket peer = h.accept();
  h.s.write(1);
  h.s.write(2);
  octets sent = framed(query_with(1));
  const octets extra = GENERATE(octets{}, octets{0}, octets{0, 29}, octets{0, 29, 0, 2, 0x80});
  CAPTURE(extra);
  put(sent, extra);
  asio::write(peer, asio::buffer(sent));
  peer.shutdown(tcp::socket::shutdown_send);
  CHECK(h.s.wait_for_end() == closed_unanswered());
  CHECK(h.s.ids() == ids{1});
}

TEST_CASE("asio_stream: a length of no message ends this connection", "[transport][rfc7766][fault-W30]") {
  by_hand h;
  tcp::socket peer = h.accept();
  h.s.write(1);
  h.s.write(2);
  octets sent = framed(query_with(1));
  put(sent, {0, GENERATE(as<std::uint8_t>(), 0, 1, 11), 0});
  asio::write(peer, asio::buffer(sent));
  CHECK(h.s.wait_for_end() == errc::malformed_message);
  CHECK(h.s.ids() == ids{1});
}

TEST_CASE("asio_stream: a reset while writing is an error and no signal", "[transport][fault-X26]") {
  struct sigaction before {};
  struct sigaction fatal {};
  fatal.sa_handler = SIG_DFL;  // a SIGPIPE would end the test program
  ::sigaction(SIGPIPE, &fatal, &before);
  by_hand h;
  {
    tcp::socket peer = h.accept();
    peer.set_option(asio::socket_base::linger(true, 0));
  }  // RST
  for (int i = 0; i < 3; ++i) {
    h.s.write(1);
    h.s.l.io.poll();
  }
  CHECK(h.s.wait_for_end());  // ECONNRESET, EPIPE or the end, whichever the kernel reports first
  ::sigaction(SIGPIPE, &before, nullptr);
}

TEST_CASE("asio_stream: nothing is read after a refusal and the server's close", "[transport][fault-X25]") {
  stream_scene s;
  s.open(name_server::at(address_of(s.serve([](std::span<const std::uint8_t> query, lab::transport) {
    return std::vector<test::reply>{{.octets = reply_to(query).rcode(5).bytes(), .then_close = true}};
  }))));
  s.write(1);
  s.on_received = [&s] { s.stream.reset(); };  // destroys the stream inside its own callback
  s.wait_for(1);
  s.servers.clear();
  s.run_out();
  CHECK_FALSE(s.end);
}

TEST_CASE("asio_stream: nothing is told after close, whenever that is", "[transport]") {
  by_hand h;
  SECTION("while connecting") {
    h.s.open(name_server::at({ip_address::v4({127, 0, 0, 1}), h.acceptor.local_endpoint().port()}));
    h.s.write(1);
    h.s.stream->close();
    h.s.run_out();
    CHECK_FALSE(h.s.is_open);
  }
  SECTION("while a reply is on its way") {
    tcp::socket peer = h.accept();
    h.s.write(1);
    asio::write(peer, asio::buffer(framed(query_with(1))));
    h.s.l.io.poll_one();
    h.s.stream->close();
    h.s.stream->close();
    h.s.run_out();
  }
  SECTION("by letting go") {
    tcp::socket peer = h.accept();
    h.s.write(1);
    h.s.stream.reset();
    h.s.run_out();
    octets sent(100);
    error_code ec;
    asio::read(peer, asio::buffer(sent), ec);
    CHECK((ec == asio::error::eof || ec == asio::error::connection_reset));
  }
  SECTION("in the first of two messages") {
    tcp::socket peer = h.accept();
    h.s.write(1);
    h.s.write(2);
    octets both = framed(query_with(1));
    put(both, framed(query_with(2)));
    h.s.on_received = [&h] { h.s.stream->close(); };
    asio::write(peer, asio::buffer(both));
    h.s.wait_for(1);
    h.s.run_out();
    CHECK(h.s.received.size() == 1);
  }
  CHECK_FALSE(h.s.end);
}

}  // namespace
