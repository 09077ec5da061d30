// The exchange over a scripted stream, and the deadline over a real one.

#include "sd-connect/commands/http_client.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <future>
#include <string>

namespace asio = boost::asio;
using asio::ip::tcp;
using sdconnect::errc;
using sdconnect::error_code;
using sdconnect::http_head;
using sdconnect::is_cut_short;
using sdconnect::cli::byte_stream;
using sdconnect::cli::http_exchange;
using sdconnect::cli::http_outcome;
using sdconnect::cli::make_plain_stream;
using stage = http_outcome::stage;

namespace {

const byte_stream::time_point never = byte_stream::time_point::max();

struct scripted_stream final : byte_stream {
  error_code on_write;
  std::deque<std::string> pieces;
  error_code at_end = asio::error::eof;
  std::string sent;
  std::vector<bool> had_deadline;

  error_code write(std::string_view octets, time_point) override {
    sent += octets;
    return on_write;
  }
  read_result read_some(std::span<char> into, std::optional<time_point> deadline) override {
    had_deadline.push_back(deadline.has_value());
    if (pieces.empty()) return {at_end, 0};
    const std::string piece = pieces.front();
    pieces.pop_front();
    std::ranges::copy(piece, into.begin());
    return {{}, piece.size()};
  }
};

struct received {
  http_outcome outcome;
  std::string body;
};

received exchange(byte_stream& stream, byte_stream::time_point deadline = never) {
  received all;
  all.outcome = http_exchange(stream, "GET / HTTP/1.1\r\n\r\n", deadline,
                              {.on_head = [](const http_head&) {},
                               .on_body = [&](std::string_view octets) { all.body += octets; },
                               .before_waiting = [] {}});
  return all;
}

error_code reset() { return {ECONNRESET, boost::system::system_category()}; }

}  // namespace

TEST_CASE("http_client: a page, of which only the first octet has a deadline", "[cli][http]") {
  scripted_stream stream;
  stream.pieces = {"HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n\r\nhe", "llo"};
  const received got = exchange(stream);
  CHECK(got.outcome.reached == stage::complete);
  CHECK_FALSE(got.outcome.error.failed());
  CHECK(got.outcome.head.status == 200);
  CHECK(got.outcome.body_octets == 5);
  CHECK(got.body == "hello");
  CHECK(stream.sent == "GET / HTTP/1.1\r\n\r\n");
  CHECK(stream.had_deadline == std::vector<bool>{true, false, false});
}

TEST_CASE("http_client: the outcome tells how far a failed exchange came", "[cli][http][fault-L21]") {
  scripted_stream stream;
  stage expected{};
  error_code error = reset();
  SECTION("sending") {
    stream.on_write = error;
    expected = stage::sending;
  }
  SECTION("waiting: timed out") {
    stream.at_end = error = errc::deadline_passed;
    expected = stage::waiting;
  }
  SECTION("waiting: closed without a word") {
    stream.at_end = error = asio::error::eof;
    expected = stage::waiting;
  }
  SECTION("head") {
    stream.pieces = {"HTTP/1.1 200"};
    stream.at_end = error;
    expected = stage::head;
  }
  SECTION("body") {
    stream.pieces = {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hel"};
    stream.at_end = error;
    expected = stage::body;
  }
  SECTION("body ended by close, but closed by a reset") {
    stream.pieces = {"HTTP/1.1 200 OK\r\n\r\n", "hel"};
    stream.at_end = error;
    expected = stage::body;
  }
  const received got = exchange(stream);
  CHECK(got.outcome.reached == expected);
  CHECK(got.outcome.error == error);
  CHECK(got.outcome.body_octets == got.body.size());
}

TEST_CASE("http_client: an early end is an error with the number of octets received", "[cli][http][fault-L21]") {
  scripted_stream stream;
  stream.pieces = {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hel"};
  const received got = exchange(stream);
  CHECK(got.outcome.reached == stage::body);
  CHECK(is_cut_short(got.outcome.error));
  CHECK(got.outcome.body_octets == 3);
}

TEST_CASE("http_client: a server that says nothing ends at the deadline", "[cli][http]") {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  tcp::socket socket(io);
  socket.connect(acceptor.local_endpoint());
  const tcp::socket silent = acceptor.accept();
  const auto stream = make_plain_stream(io, std::move(socket));

  const received got = exchange(*stream, std::chrono::steady_clock::now() + std::chrono::milliseconds(20));

  CHECK(got.outcome.reached == stage::waiting);
  CHECK(got.outcome.error == errc::deadline_passed);
}

TEST_CASE("http_client: 64 MiB over TCP, ended by close", "[cli][http]") {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  tcp::socket socket(io);
  socket.connect(acceptor.local_endpoint());
  auto server = std::async(std::launch::async, [peer = acceptor.accept()]() mutable {
    std::string request;
    asio::read_until(peer, asio::dynamic_buffer(request), "\r\n\r\n");
    const std::string block(1024 * 1024, 'x');
    asio::write(peer, asio::buffer(std::string("HTTP/1.1 200 OK\r\n\r\n")));
    for (int i = 0; i < 64; ++i) asio::write(peer, asio::buffer(block));
    peer.close();  // the future keeps the lambda alive
  });
  const auto stream = make_plain_stream(io, std::move(socket));

  const received got = exchange(*stream);

  server.get();
  CHECK(got.outcome.reached == stage::complete);
  CHECK(got.outcome.body_octets == 64 * 1024 * 1024);
}
