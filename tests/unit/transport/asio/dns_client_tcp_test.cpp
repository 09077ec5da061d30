// The client over TCP: after truncation, in pieces, with failures at each step.
#include "unit/transport/asking.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

octets framed(const octets& message) {
  octets out;
  put_u16(out, message.size());
  put(out, message);
  return out;
}

test::forger over_tcp(std::function<std::vector<test::reply>(const octets& framed_reply)> replies) {
  return [replies = std::move(replies)](std::span<const std::uint8_t> query, lab::transport) {
    return replies(framed(address_reply(query)));
  };
}

}  // namespace

TEST_CASE("dns client: a truncated answer is asked for over TCP", "[transport][rfc7766][rfc-check-53][fault-X7]") {
  asking a;
  a.serve([](std::span<const std::uint8_t> query, lab::transport over) {
    if (over == lab::transport::tcp) return std::vector<test::reply>{{.octets = address_reply(query, 1)}};
    const octets partial = reply_to(query).tc().answer(qname_of(query), rr_type::a, 60, rdata_a("192.0.2.66")).bytes();
    return std::vector<test::reply>{{.octets = partial}};
  });
  const outcome out = a.ask();
  CHECK_FALSE(out.ec);
  CHECK(out.addresses() == std::vector{ip_address::v4({192, 0, 2, 1})});
  REQUIRE(out.result.report.attempts.size() == 2);
  CHECK(out.result.report.attempts[0].result == errc::truncated);
  CHECK(out.result.report.attempts[1].transport == dns_transport::tcp);
}

TEST_CASE("dns client: an answer of 65,535 octets comes whole", "[transport][rfc7766][fault-W27]") {
  asking a;
  a.serve(truncates([](std::span<const std::uint8_t> query, lab::transport) {
    message_builder reply = reply_to(query);
    while (reply.offset() + 16 <= 65535) {
      octets rdata;
      put_u32(rdata, reply.offset());
      reply.answer(wire_name::pointer(12), rr_type::a, 60, rdata);
    }
    return std::vector<test::reply>{{.octets = reply.bytes()}};
  }));
  const outcome out = a.ask();
  CHECK_FALSE(out.ec);
  CHECK(out.result.report.record_count == 4094);  // 65,535 minus header and question of 31, 16 each
}

TEST_CASE("dns client: a TCP message may come in any pieces", "[transport][rfc7766][rfc-check-57][fault-X21]") {
  asking a;
  a.options.tcp_only = true;
  SECTION("octet by octet") {
    a.serve(over_tcp([](const octets& whole) {
      std::vector<test::reply> pieces;
      for (std::size_t i = 0; i < whole.size(); ++i) {
        pieces.push_back({.octets = {whole[i]}, .delay = std::chrono::milliseconds(i), .without_length = true});
      }
      return pieces;
    }));
  }
  SECTION("the length in two") {
    a.serve(over_tcp([](const octets& whole) {
      return std::vector<test::reply>{
          {.octets = {whole[0]}, .without_length = true},
          {.octets = octets(whole.begin() + 1, whole.end()), .delay = 2ms, .without_length = true}};
    }));
  }
  SECTION("with more behind it") {
    a.serve(over_tcp([](const octets& whole) {
      octets twice = whole;
      put(twice, whole);
      return std::vector<test::reply>{{.octets = twice, .without_length = true, .then_close = true}};
    }));
  }
  const outcome out = a.ask();
  CHECK_FALSE(out.ec);
  CHECK(out.last_octet() == 1);
}

TEST_CASE("dns client: TCP that fails is the next server's turn",
          "[transport][fault-X8][fault-X22][fault-X25][fault-X26]") {
  asking a;
  SECTION("closed before the answer") {
    a.serve(truncates(over_tcp(
        [](const octets&) { return std::vector<test::reply>{{.without_length = true, .then_close = true}}; })));
  }
  SECTION("closed after half of the length") {
    a.serve(truncates(over_tcp([](const octets& whole) {
      return std::vector<test::reply>{{.octets = {whole[0]}, .without_length = true, .then_close = true}};
    })));
  }
  SECTION("closed in the middle of the message") {
    a.serve(truncates(over_tcp([](const octets& whole) {
      return std::vector<test::reply>{
          {.octets = octets(whole.begin(), whole.begin() + 20), .without_length = true, .then_close = true}};
    })));
  }
  SECTION("stalled in the middle of the message") {
    a.serve(truncates(over_tcp([](const octets& whole) {
      return std::vector<test::reply>{{.octets = octets(whole.begin(), whole.begin() + 20), .without_length = true}};
    })));
  }
  SECTION("stalled after the connection") { a.serve(truncates(is_silent())); }
  SECTION("a message of no length") {
    a.serve(truncates(over_tcp([](const octets&) { return std::vector<test::reply>{{.octets = {}}}; })));
  }
  SECTION("the answer to another question") {
    a.serve(truncates([](std::span<const std::uint8_t> query, lab::transport) {
      return std::vector<test::reply>{
          {.octets = message_builder(id_of(query)).response().question("g.example.com", rr_type::a).bytes()}};
    }));
  }
  SECTION("more announced than sent") {
    a.serve(truncates(over_tcp([](const octets& whole) {
      octets longer = whole;
      longer[0] = 0xFF;
      return std::vector<test::reply>{{.octets = longer, .without_length = true, .then_close = true}};
    })));
  }
  a.serve(answers(2));
  const outcome out = a.ask();
  CHECK_FALSE(out.ec);
  CHECK(out.last_octet() == 2);
  REQUIRE(out.result.report.attempts.size() == 3);
  CHECK(out.result.report.attempts[1].transport == dns_transport::tcp);
  CHECK(out.result.report.attempts[1].result.failed());
}

TEST_CASE("dns client: truncated and no TCP is an error of its own", "[transport][fault-X8]") {
  asking a;
  boost::asio::ip::udp::socket udp_only(a.l.io, {boost::asio::ip::address_v4::loopback(), 0});
  a.options.server_sets[0].servers.push_back(remote(udp_only.local_endpoint()));
  octets query(512);
  boost::asio::ip::udp::endpoint from;
  udp_only.async_receive_from(boost::asio::buffer(query), from, [&](error_code, std::size_t) {
    udp_only.send_to(boost::asio::buffer(reply_to(query).tc().bytes()), from);
  });
  CHECK(a.ask().ec == errc::truncated_no_tcp);
}

TEST_CASE("dns client: what is left of an abandoned TCP reply does not get into the next", "[transport][fault-X18]") {
  asking a;
  a.options.tcp_only = true;
  a.options.first_timeout = 20ms;
  tcp::acceptor stalling(a.l.io, {boost::asio::ip::address_v4::loopback(), 0});
  const tcp::endpoint at = stalling.local_endpoint();
  a.options.server_sets[0].servers.push_back(remote({at.address(), at.port()}));
  a.serve(answers(2));

  outcome out;
  dns_client client = a.client();
  const auto began = dns_client::clock::now();
  client.async_query(address_question(), began + 10s, [&](error_code ec, query_result result) {
    out = {true, ec, std::move(result)};
  });
  std::optional<tcp::socket> accepted;
  stalling.async_accept([&](error_code, tcp::socket socket) { accepted.emplace(std::move(socket)); });
  octets query(2);
  a.l.until([&] { return accepted && accepted->available() >= 2; });
  boost::asio::read(*accepted, boost::asio::buffer(query));
  query.resize(u16_at(query, 0));
  boost::asio::read(*accepted, boost::asio::buffer(query));

  a.l.io.poll();  // now the client waits for the length

  // When the loop runs again, the length, a part of the message and the timeout are all ready: it
  // reads the part and queues its handler behind the timer's handler, which moves on to the next
  // server.
  const octets whole = framed(address_reply(query, 66));
  boost::asio::write(*accepted, boost::asio::buffer(whole.data(), whole.size() - 3));
  while (dns_client::clock::now() < began + 30ms) {
  }
  a.l.until([&] { return out.is_complete; });
  CHECK_FALSE(out.ec);
  CHECK(out.last_octet() == 2);
  CHECK(out.result.report.attempts.size() == 2);
}
