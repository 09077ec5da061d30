#include "net/http/http_server.hpp"

#include "net/http/http_session.hpp"
#include "unit/lab/loop.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <vector>

using namespace sdconnect::detail;
using namespace sdconnect::test;
using boost::asio::ip::tcp;

namespace {

const tcp::endpoint anywhere(boost::asio::ip::make_address_v4("127.0.0.1"), 0);

struct served {
  explicit served(http_server_options options = {})
      : server(
            l.io.get_executor(),
            [this](const received_request& request) {
              requests.push_back(request);
              return answer(request);
            },
            options) {
    server.open(anywhere);
  }

  [[nodiscard]] std::string host() const { return "localhost:" + std::to_string(server.local_endpoint().port()); }
  [[nodiscard]] std::string request(const std::string& line, const std::string& more = {}) const {
    return line + " HTTP/1.1\r\nHost: " + host() + "\r\n" + more + "\r\n";
  }
  // What comes back until the server closes.
  std::string exchange(const std::string& octets) {
    tcp_client client(l, server.local_endpoint());
    client.send(octets);
    client.wait_for_close();
    return client.text();
  }

  loop l;
  std::vector<received_request> requests;
  std::function<http_reply(const received_request&)> answer = [](const received_request& request) {
    return http_reply{.body = "page " + request.path + '\n', .fields = {{"Cache-Control", "no-store"}}};
  };
  http_server server;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

const std::string bye = "Connection: close\r\n";

}  // namespace

TEST_CASE("http server: the handler gets the whole request, the client its reply", "[net]") {
  served s;
  SECTION("GET") {
    const std::string reply = s.exchange(s.request("GET /a/b?c=d?e", bye + "X-Some: thing\r\n"));
    CHECK(reply.rfind("HTTP/1.1 200 OK\r\nDate: ", 0) == 0);
    CHECK(reply.find(" GMT\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
                     "Content-Length: 10\r\nConnection: close\r\n\r\npage /a/b\n") != reply.npos);
    REQUIRE(s.requests.size() == 1);
    CHECK(s.requests[0].method == "GET");
    CHECK(s.requests[0].path == "/a/b");
    CHECK(s.requests[0].query == "c=d?e");
    CHECK(s.requests[0].field("x-SOME") == "thing");
    CHECK(s.requests[0].field("X-Other").empty());
  }
  SECTION("HEAD has the length of the body and no body") {
    const std::string reply = s.exchange(s.request("HEAD /", bye));
    CHECK(reply.find("Content-Length: 7\r\n") != reply.npos);
    CHECK(reply.substr(reply.size() - 4) == "\r\n\r\n");
  }
  SECTION("POST with a length") {
    s.exchange(s.request("POST /do", bye + "Content-Length: 5\r\n") + "hello");
    CHECK(s.requests.at(0).body == "hello");
  }
  SECTION("POST in chunks") {
    s.exchange(s.request("POST /do", bye + "Transfer-Encoding: chunked\r\n") +
               "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n");
    CHECK(s.requests.at(0).body == "hello");
  }
}

TEST_CASE("http server: one connection carries many requests in any split", "[net]") {
  served s;
  const std::string three =
      s.request("GET /1") + s.request("POST /2", "Content-Length: 2\r\n") + "ok" + s.request("GET /3", bye);
  std::string expected;
  const std::size_t split = GENERATE_COPY(range(std::size_t{0}, three.size(), std::size_t{7}));
  tcp_client client(s.l, s.server.local_endpoint());
  client.socket.set_option(tcp::no_delay(true));
  client.send(three.substr(0, split));
  s.l.io.poll();
  client.send(three.substr(split));
  client.wait_for_close();
  CHECK(count(client.text(), "HTTP/1.1 200 OK") == 3);
  CHECK(client.text().find("page /3\n") == client.text().size() - 8);
  CHECK(s.requests.size() == 3);
}

TEST_CASE("http server: every octet alone is as good as all at once", "[net]") {
  served s;
  tcp_client client(s.l, s.server.local_endpoint());
  client.socket.set_option(tcp::no_delay(true));
  for (const char c : s.request("POST /1", bye + "Transfer-Encoding: chunked\r\n") + "2\r\nok\r\n0\r\n\r\n") {
    client.send(std::string(1, c));
    s.l.io.poll();
  }
  client.wait_for_close();
  CHECK(client.text().rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
  CHECK(s.requests.at(0).body == "ok");
}

TEST_CASE("http server: a foreign Host is refused, because its page may be foreign", "[net][fault-L25]") {
  served s;
  const std::string port = std::to_string(s.server.local_endpoint().port());
  const std::vector<std::pair<std::string, std::string>> cases{
      {"Host: localhost:" + port, "200"},
      {"Host: LOCALHOST:" + port, "200"},
      {"Host: 127.0.0.1:" + port, "200"},
      {"Host: [::1]:" + port, "200"},
      {"Host: evil.example:" + port, "421"},
      {"Host: localhost.evil.example:" + port, "421"},
      {"Host: 127.0.0.2:" + port, "421"},
      {"Host: localhost", "421"},
      {"Host: localhost:1", "421"},
      {"Host: localhost:" + port + "0", "421"},
      {"Host: [::1" + port, "421"},
      {"Host: ::1:" + port, "421"},
      {"Host:", "421"},
      {"X: y", "400"},
      {"Host: localhost:" + port + "\r\nHost: localhost:" + port, "400"},
  };
  for (const auto& [host, status] : cases) {
    INFO(host);
    s.requests.clear();
    const std::string reply = s.exchange("GET / HTTP/1.1\r\n" + bye + host + "\r\n\r\n");
    CHECK(reply.substr(0, 13) == "HTTP/1.1 " + status + ' ');
    CHECK(s.requests.size() == (status == "200" ? 1 : 0));
  }
}

TEST_CASE("http server: its own address is an acceptable Host", "[net][fault-L25]") {
  const auto [host, address, port, is_own] = GENERATE(table<std::string, std::string, int, bool>({
      {"10.1.2.3:9000", "10.1.2.3", 9000, true},
      {"10.1.2.3:9000", "::ffff:10.1.2.3", 9000, true},
      {"10.1.2.4:9000", "10.1.2.3", 9000, false},
      {"[2001:db8::1]:9000", "2001:db8::1", 9000, true},
      {"[2001:DB8:0::1]:9000", "2001:db8::1", 9000, true},
      {"[2001:db8::2]:9000", "2001:db8::1", 9000, false},
      {"2001:db8::1", "2001:db8::1", 80, false},
      {"10.1.2.3", "10.1.2.3", 80, true},
      {"localhost", "10.1.2.3", 80, true},
      {"[::1]", "::1", 80, true},
      {"[::1]x", "::1", 80, false},
      {"[", "::1", 80, false},
      {"", "::1", 80, false},
  }));
  INFO(host);
  CHECK(is_own_host(host, tcp::endpoint(boost::asio::ip::make_address(address), static_cast<std::uint16_t>(port))) ==
        is_own);
}

TEST_CASE("http server: what it does not serve gets the right status and the connection's end", "[net][fault-L20]") {
  served s(http_server_options{.max_head = 1024, .max_body = 16});
  const std::vector<std::pair<std::string, std::string>> cases{
      {"\x16\x03\x01 TLS, not HTTP\r\n\r\n", "400"},
      {s.request("GET http://localhost/", bye), "400"},
      {s.request("POST /", "Content-Length: 1\r\nContent-Length: 2\r\n"), "400"},
      {s.request("POST /", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), "400"},
      {s.request("POST /", "Content-Length: -1\r\n"), "400"},
      {s.request("POST /", "Transfer-Encoding: chunked\r\n") + "zz\r\n", "400"},
      {s.request("POST /", "Transfer-Encoding: chunked\r\n") + "1;" + std::string(4096, 'x'), "431"},
      {s.request("GET /" + std::string(2048, 'x')), "431"},
      {s.request("GET /", "X: " + std::string(2048, 'x') + "\r\n"), "431"},
      {"GET / HTTP/1.1\r\n" + std::string(4096, 'x'), "431"},
      {s.request("POST /", "Content-Length: 17\r\n"), "413"},
      {s.request("POST /", "Transfer-Encoding: chunked\r\n") + "11\r\n" + std::string(17, 'x') + "\r\n", "413"},
      {s.request("PUT /", bye + "Content-Length: 0\r\n"), "501"},
      {s.request("OPTIONS /", bye), "501"},
  };
  for (const auto& [octets, status] : cases) {
    INFO(octets);
    CHECK(s.exchange(octets).substr(0, 13) == "HTTP/1.1 " + status + ' ');
  }
  CHECK(s.requests.empty());
}

TEST_CASE("http server: a client that waits for 100 gets it", "[net]") {
  served s;
  tcp_client client(s.l, s.server.local_endpoint());
  client.send(s.request("POST /", bye + "Content-Length: 5\r\nExpect: 100-continue\r\n"));
  s.l.until([&] { return client.text() == "HTTP/1.1 100 Continue\r\n\r\n"; });
  client.send(std::string("he"));
  s.l.io.poll();
  client.send(std::string("llo"));
  client.wait_for_close();
  CHECK(count(client.text(), "HTTP/1.1 100") == 1);
  CHECK(s.requests.at(0).body == "hello");
}

TEST_CASE("http server: an exception of the handler is a 500, and the server lives", "[net]") {
  served s;
  s.answer = [](const received_request&) -> http_reply { throw std::runtime_error("bug"); };
  CHECK(s.exchange(s.request("GET /", bye)).rfind("HTTP/1.1 500 Internal Server Error\r\n", 0) == 0);
  CHECK(s.exchange(s.request("GET /", bye)).rfind("HTTP/1.1 500 Internal Server Error\r\n", 0) == 0);
}

TEST_CASE("http server: slow and idle clients lose their connection", "[net][fault-L11]") {
  const auto [begin, idle, request] = GENERATE(table<std::string, int, int>({
      {"", 1, 60'000},          // sends nothing
      {"GET / HT", 60'000, 1},  // does not finish its request
      {"complete", 1, 60'000},  // does not use the connection again
  }));
  served s(http_server_options{.idle = std::chrono::milliseconds(idle), .request = std::chrono::milliseconds(request)});
  tcp_client client(s.l, s.server.local_endpoint());
  client.send(begin == "complete" ? s.request("GET /") : begin);
  client.wait_for_close();
  CHECK(client.text().empty() == (begin != "complete"));
  CHECK(s.server.connections() == 0);
}

TEST_CASE("http server: a connection above the limit is closed, and others go on", "[net][fault-L11]") {
  served s(http_server_options{.max_connections = 2});
  tcp_client first(s.l, s.server.local_endpoint());
  std::optional<tcp_client> second(std::in_place, s.l, s.server.local_endpoint());
  s.l.until([&] { return s.server.connections() == 2; });
  tcp_client third(s.l, s.server.local_endpoint());
  third.wait_for_close();
  second->send(s.request("GET /", bye));
  second->wait_for_close();
  s.l.until([&] { return s.server.connections() == 1; });
  CHECK(s.exchange(s.request("GET /", bye)).rfind("HTTP/1.1 200", 0) == 0);
}

TEST_CASE("http server: a client that reads nothing cannot pile up replies", "[net][fault-L16]") {
  served s;
  s.answer = [](const received_request&) { return http_reply{.body = std::string(1 << 20, 'x')}; };
  tcp::socket client(s.l.io);
  client.connect(s.server.local_endpoint());
  client.non_blocking(true);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += s.request("GET /");
  boost::system::error_code ec;
  client.write_some(boost::asio::buffer(many), ec);
  s.l.until([&] { return !s.requests.empty(); });
  for (int i = 0; i < 1000; ++i) s.l.io.poll();
  CHECK(s.requests.size() < 64);  // the kernel's buffers hold some
}

TEST_CASE("http server: a stream goes on until one side ends it", "[net]") {
  served s;
  std::optional<http_stream> stream;
  s.answer = [&](const received_request&) {
    return http_reply{
        .content_type = "text/event-stream", .body = "first\n", .on_stream = [&](http_stream o) { stream = o; }};
  };
  tcp_client client(s.l, s.server.local_endpoint());
  client.send(s.request("GET /events"));
  s.l.until([&] { return stream.has_value(); });
  CHECK(stream->is_open());
  CHECK(stream->offer("second\n"));
  CHECK_FALSE(stream->offer("third\n"));  // the second is still under way
  s.l.until([&] { return client.text().find("second\n") != std::string::npos; });
  s.l.until([&] { return stream->offer("fourth\n"); });
  s.l.until([&] { return client.text().find("second\nfourth\n") != std::string::npos; });
  CHECK(client.text().find("Content-Length") == std::string::npos);
  CHECK(client.text().find("Connection: close\r\n\r\nfirst\n") != std::string::npos);
  SECTION("the server") {
    stream->close();
    client.wait_for_close();
  }
  SECTION("the client") {
    client.socket.close();
    s.l.until([&] { return !stream->is_open(); });
  }
  SECTION("the end of the server") {
    s.server.close();
    client.wait_for_close();
  }
  CHECK_FALSE(stream->is_open());
  CHECK_FALSE(stream->offer("fifth\n"));
  stream->close();
  CHECK(s.server.connections() == 0);
}

TEST_CASE("http server: streams leave room for short requests", "[net]") {
  served s(http_server_options{.max_streams = 1});
  std::vector<http_stream> streams;
  s.answer = [&](const received_request&) {
    return http_reply{.on_stream = [&](http_stream o) { streams.push_back(o); }};
  };
  tcp_client client(s.l, s.server.local_endpoint());
  client.send(s.request("GET /events"));
  s.l.until([&] { return streams.size() == 1; });
  CHECK(s.exchange(s.request("HEAD /events", bye)).rfind("HTTP/1.1 503", 0) == 0);
  CHECK(s.exchange(s.request("GET /events", bye)).rfind("HTTP/1.1 503 Service Unavailable\r\n", 0) == 0);
  streams[0].close();
  tcp_client again(s.l, s.server.local_endpoint());
  again.send(s.request("GET /events"));
  s.l.until([&] { return streams.size() == 2; });
}

TEST_CASE("http server: a socket that listens already is taken over, nothing else", "[net]") {
  loop l;
  http_server server(l.io.get_executor(), [](const received_request&) { return http_reply{.body = "here"}; });
  SECTION("one that listens") {
    descriptor listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listening.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(::listen(listening.get(), 8) == 0);
    server.open(std::move(listening));
    tcp_client client(l, server.local_endpoint());
    client.send("GET / HTTP/1.1\r\nHost: localhost:" + std::to_string(server.local_endpoint().port()) + "\r\n\r\n");
    l.until([&] { return client.text().find("here") != std::string::npos; });
  }
  SECTION("one that does not") {
    CHECK_THROWS_AS(server.open(descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))),
                    boost::system::system_error);
  }
  SECTION("a Unix socket") {
    CHECK_THROWS_AS(server.open(descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))),
                    boost::system::system_error);
  }
  SECTION("no descriptor") { CHECK_THROWS_AS(server.open(descriptor()), boost::system::system_error); }
}

TEST_CASE("http server: a taken port is told by name, and a closed server can open again", "[net][errors]") {
  served s;
  const tcp::endpoint at = s.server.local_endpoint();
  http_server second(s.l.io.get_executor(), [](const received_request&) { return http_reply{}; });
  CHECK_THROWS_WITH(second.open(at), Catch::StartsWith("tcp 127.0.0.1:" + std::to_string(at.port())));
  s.server.close();
  s.server.close();
  CHECK_NOTHROW(second.open(at));
}

TEST_CASE("http server: the handler may close the server", "[net]") {
  served s;
  s.answer = [&](const received_request&) {
    s.server.close();
    return http_reply{};
  };
  CHECK(s.exchange(s.request("GET /")).empty());
}
