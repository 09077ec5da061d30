#include "support/forging_server.hpp"

#include "lab/background.hpp"
#include "support/message_builder.hpp"
#include "unit/lab/loop.hpp"

#include <boost/asio/read.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::lab;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using boost::asio::ip::udp;

namespace {

octets framed(const octets& message) {
  octets out;
  put_u16(out, message.size());
  put(out, message);
  return out;
}

octets query(unsigned id) { return message_builder(id).question("h.example.com", rr_type::a).bytes(); }

// Returns the query as the reply, with the given properties.
forger echo(std::vector<reply> replies = {reply{}}) {
  return [replies](std::span<const std::uint8_t> asked, transport) {
    std::vector<reply> out = replies;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i].octets.empty()) out[i].octets.assign(asked.begin(), asked.end());
    }
    return out;
  };
}

std::shared_ptr<const zone> big_zone() {
  std::string text = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns1 h 1 2 3 4 30\n";
  for (int i = 0; i < 100; ++i) text += "_x._tcp SRV 0 0 1 host" + std::to_string(i) + "\n";
  return std::make_shared<const zone>(*zone::parse(text));
}

}  // namespace

TEST_CASE("forging server: UDP and TCP answer on one port", "[lab]") {
  loop l;
  forging_server server(l.io.get_executor(), zone_forger(big_zone()));
  REQUIRE(server.port() != 0);
  CHECK(server.endpoint().address().is_loopback());
  const octets asked = message_builder(9).question("_x._tcp.example.com", rr_type::srv).opt(4096).bytes();

  udp_client over_udp(l, server.endpoint());
  over_udp.send(asked);
  const octets truncated = over_udp.wait_for(1)[0].first;
  CHECK((truncated[2] & 0x02) != 0);
  CHECK(truncated.size() < 512);
  CHECK(over_udp.received[0].second == server.endpoint());

  tcp_client over_tcp(l, server.endpoint());
  over_tcp.send(framed(asked));
  over_tcp.wait_for(2);
  const std::size_t length = std::size_t{over_tcp.received[0]} << 8 | over_tcp.received[1];
  over_tcp.wait_for(2 + length);
  CHECK((over_tcp.received[4] & 0x02) == 0);
  CHECK(over_tcp.received[9] == 100);  // ANCOUNT
  CHECK(server.queries(transport::udp) == 1);
  CHECK(server.queries(transport::tcp) == 1);
  CHECK(server.connections() == 1);
}

TEST_CASE("forging server: a forger may repeat, delay and forge datagrams", "[lab]") {
  loop l;
  const octets late{1, 2, 3}, early{4};
  reply delayed{late, 20ms};
  reply forged{octets{5}};
  forged.from_other_port = true;
  forging_server server(l.io.get_executor(), echo({delayed, {early}, {early}, forged}));
  udp_client client(l, server.endpoint());
  client.send(query(1));
  const auto& got = client.wait_for(4);
  CHECK(got[0].first == early);
  CHECK(got[1].first == early);
  CHECK(got[0].second == server.endpoint());
  CHECK(got[2].first == octets{5});
  CHECK(got[2].second.address() == server.endpoint().address());
  CHECK(got[2].second.port() != server.port());
  CHECK(got[3].first == late);
}

TEST_CASE("forging server: a forger may lose queries and send empty datagrams", "[lab][fault-W30]") {
  loop l;
  int asked = 0;
  forging_server server(l.io.get_executor(), [&asked](auto, transport) {
    return ++asked == 1 ? std::vector<reply>{} : std::vector<reply>{reply{}};
  });
  udp_client client(l, server.endpoint());
  client.send(query(1));
  client.send({});
  CHECK(client.wait_for(1)[0].first.empty());
  CHECK(server.queries(transport::udp) == 2);
}

TEST_CASE("forging server: TCP takes queries in any pieces and many at once", "[lab][rfc7766]") {
  loop l;
  forging_server server(l.io.get_executor(), echo());
  tcp_client client(l, server.endpoint());
  octets expected = framed(query(1));
  put(expected, framed(query(2)));
  put(expected, framed(query(3)));

  SECTION("all in one segment") { client.send(expected); }
  SECTION("octet by octet") {
    client.socket.set_option(tcp::no_delay(true));
    for (const std::uint8_t octet : expected) {
      client.send(octets{octet});
      l.io.poll();
    }
  }
  CHECK(client.wait_for(expected.size()) == expected);
  CHECK(server.queries(transport::tcp) == 3);
  CHECK(server.connections() == 1);
}

TEST_CASE("forging server: TCP replies may come out of order, in pieces, with a wrong length, or as a close",
          "[lab][fault-W30]") {
  loop l;
  SECTION("out of order") {
    forging_server server(l.io.get_executor(), [](std::span<const std::uint8_t> asked, transport) {
      return std::vector<reply>{{{asked[1]}, asked[1] == 1 ? 20ms : 0ms}};
    });
    tcp_client client(l, server.endpoint());
    octets both = framed(query(1));
    put(both, framed(query(2)));
    client.send(both);
    CHECK(client.wait_for(6) == octets{0, 1, 2, 0, 1, 1});
  }
  SECTION("in pieces, then closed") {
    reply first{{0}}, second{{9, 1, 2}, 10ms};
    first.without_length = second.without_length = second.then_close = true;
    forging_server server(l.io.get_executor(), echo({first, second}));
    tcp_client client(l, server.endpoint());
    client.send(framed(query(1)));
    client.wait_for_close();
    CHECK(client.received == octets{0, 9, 1, 2});
  }
  SECTION("a close without a reply") {
    forging_server server(l.io.get_executor(), [](auto, transport) {
      reply nothing;
      nothing.without_length = nothing.then_close = true;
      return std::vector<reply>{nothing};
    });
    tcp_client client(l, server.endpoint());
    client.send(framed(query(1)));
    client.wait_for_close();
    CHECK(client.received.empty());
  }
}

TEST_CASE("forging server: a large reply reaches a client that reads later", "[lab]") {
  loop l;
  forging_server server(l.io.get_executor(), echo(std::vector<reply>(100, reply{octets(65535, 7)})));
  tcp_client client(l, server.endpoint());
  client.send(framed(query(1)));
  CHECK(client.wait_for(100 * 65537).size() == 100 * 65537);
}

TEST_CASE("forging server: connections above the limit are closed at once", "[lab][rfc7766]") {
  loop l;
  name_server_options how;
  how.max_connections = 1;
  forging_server server(l.io.get_executor(), echo(), how);
  std::optional<tcp_client> first(std::in_place, l, server.endpoint());
  l.until([&] { return server.connections() == 1; });
  tcp_client second(l, server.endpoint());
  second.wait_for_close();
  CHECK_FALSE(first->is_closed);

  first->send(framed(query(1)));
  first->wait_for(2);
  first->socket.shutdown(tcp::socket::shutdown_send);
  first->wait_for_close();
  tcp_client third(l, server.endpoint());  // a connection slot is free again
  third.send(framed(query(1)));
  third.wait_for(2);
  CHECK(server.connections() == 2);
}

TEST_CASE("forging server: idle connections are closed", "[lab][rfc7766]") {
  loop l;
  name_server_options how;
  how.idle_timeout = 20ms;
  forging_server server(l.io.get_executor(), echo(), how);
  tcp_client client(l, server.endpoint());
  client.wait_for_close();
  CHECK(client.received.empty());
}

TEST_CASE("forging server: a taken port is told by name", "[lab][errors]") {
  loop l;
  const auto message_for = [&l](std::uint16_t port) {
    name_server_options how;
    how.port = port;
    try {
      forging_server server(l.io.get_executor(), echo(), how);
      return std::string("none");
    } catch (const boost::system::system_error& error) {
      return std::string(error.what());
    }
  };
  SECTION("by TCP") {
    const tcp::acceptor other(l.io, {boost::asio::ip::address_v4::loopback(), 0});
    const std::uint16_t port = other.local_endpoint().port();
    CHECK(message_for(port).find("tcp 127.0.0.1:" + std::to_string(port)) == 0);
  }
  SECTION("by UDP") {
    // TCP is bound first, and another program may have that port for UDP.
    std::string message, expected;
    for (int attempt = 0; attempt < 32; ++attempt) {
      const udp::socket other(l.io, {boost::asio::ip::address_v4::loopback(), 0});
      const std::string port = std::to_string(other.local_endpoint().port());
      expected = "udp 127.0.0.1:" + port;
      message = message_for(other.local_endpoint().port());
      if (message.find("tcp") != 0) break;
    }
    CHECK(message.find(expected) == 0);
  }
}

TEST_CASE("forging server: close frees the port and drops what is under way", "[lab]") {
  loop l;
  int asked = 0;
  const forger slow = [&asked](auto, transport) {
    ++asked;
    return std::vector<reply>{{{1}, 1h}};
  };
  name_server_options how;
  how.address = boost::asio::ip::make_address("127.0.0.12");  // where no other program takes the port meanwhile
  std::optional<forging_server> server(std::in_place, l.io.get_executor(), slow, how);
  udp_client over_udp(l, server->endpoint());
  tcp_client over_tcp(l, server->endpoint());
  over_udp.send(query(1));
  over_tcp.send(framed(query(1)));
  l.until([&] { return asked == 2; });
  server->close();
  over_tcp.wait_for_close();

  how.port = server->port();
  forging_server successor(l.io.get_executor(), echo(), how);
  over_udp.send(query(2));
  CHECK(over_udp.wait_for(1)[0].first == query(2));
  server.reset();
  CHECK(asked == 2);
}

TEST_CASE("forging server: a forger may close its server", "[lab]") {
  loop l;
  std::optional<forging_server> server;
  server.emplace(l.io.get_executor(), [&server](auto, transport) {
    server->close();
    return std::vector<reply>{{{1}}, {{2}, 1ms}};
  });
  tcp_client client(l, server->endpoint());
  client.send(framed(query(1)));
  client.wait_for_close();
  CHECK(client.received.empty());
}

TEST_CASE("forging server: may be destroyed with its loop never run", "[lab]") {
  loop l;
  forging_server server(l.io.get_executor(), echo({{{1}, 1h}}));
  tcp_client client(l, server.endpoint());
  client.send(framed(query(1)));
}

TEST_CASE("forging server: without a free descriptor it waits and then goes on", "[lab][fault-L12]") {
  loop l;
  forging_server server(l.io.get_executor(), echo());
  // Everything has run once before descriptors are gone: UBSan needs two of them to look at a type
  // it has not seen yet.
  tcp_client earlier(l, server.endpoint());
  earlier.send(framed(query(1)));
  CHECK(earlier.wait_for(framed(query(1)).size()) == framed(query(1)));
  tcp_client client(l, server.endpoint());  // waits in the listen queue: no forger has run since
  client.send(framed(query(1)));

  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = 0;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const auto began = std::chrono::steady_clock::now();
  // The first accept fails; a server that retried at once would run thousands of handlers here.
  std::size_t handlers = 0;
  while (std::chrono::steady_clock::now() < began + 50ms) handlers += l.io.run_one_until(began + 50ms);
  setrlimit(RLIMIT_NOFILE, &before);
  CHECK(server.connections() == 1);
  CHECK(handlers < 10);
  CHECK(client.wait_for(framed(query(1)).size()) == framed(query(1)));
}

TEST_CASE("forging server: serves from another thread, and ends while it is asked", "[lab][threads]") {
  background loop_thread;
  std::atomic<int> asked = 0;
  std::optional<forging_server> server(std::in_place, loop_thread.executor(),
                                       [&asked](std::span<const std::uint8_t> q, transport) {
                                         ++asked;
                                         return std::vector<reply>{{{q.begin(), q.end()}}, {{q.begin(), q.end()}, 1ms}};
                                       });
  const udp::endpoint at = server->endpoint();

  boost::asio::io_context io;
  udp::socket socket(io, udp::v4());
  tcp::socket stream(io);
  stream.connect({at.address(), at.port()});
  const octets sent = framed(query(1));
  octets got(2 * sent.size());
  boost::asio::write(stream, boost::asio::buffer(sent));
  boost::asio::read(stream, boost::asio::buffer(got));
  CHECK(server->queries(transport::tcp) == 1);

  boost::system::error_code ignored;
  std::thread asker([&] {
    for (int i = 0; i < 2000; ++i) socket.send_to(boost::asio::buffer(query(1)), at, 0, ignored);
  });
  while (asked < 20) std::this_thread::yield();
  server.reset();
  const int at_end = asked;
  asker.join();
  CHECK(asked == at_end);
}
