#include "lab/http_backend.hpp"

#include "lab/background.hpp"
#include "unit/lab/loop.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

using namespace sdconnect::lab;
using namespace sdconnect::test;
using boost::asio::ip::tcp;

namespace {

const tcp::endpoint anywhere(boost::asio::ip::make_address_v4("127.0.0.11"), 0);

std::string get(const std::string& target, const std::string& more = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: _v1._theservice._tcp.unilans.net\r\n" + more + "\r\n";
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("http backend: names itself, the target and the service", "[lab]") {
  loop l;
  http_backend backend(l.io.get_executor(), "host1", anywhere);
  tcp_client client(l, backend.endpoint());
  client.send(get("/a?b=c", "Connection: close\r\n"));
  client.wait_for_close();
  const std::string page = client.text();
  CHECK(page.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
  CHECK(page.find("\r\n\r\nhost1 at 127.0.0.11:" + std::to_string(backend.endpoint().port()) +
                  "\nservice _v1._theservice._tcp.unilans.net\ntarget /a?b=c\n") != page.npos);
  CHECK(backend.host() == "host1");
}

TEST_CASE("http backend: one connection carries many requests", "[lab]") {
  loop l;
  http_backend backend(l.io.get_executor(), "host1", anywhere);
  tcp_client client(l, backend.endpoint());
  SECTION("one after the other") {
    for (std::size_t i = 1; i <= 3; ++i) {
      client.send(get("/"));
      l.until([&] { return count(client.text(), "target /\n") == i; });
    }
  }
  SECTION("all at once") {
    client.send(get("/") + get("/") + get("/"));
    l.until([&] { return count(client.text(), "target /\n") == 3; });
  }
  SECTION("in small pieces") {
    client.socket.set_option(tcp::no_delay(true));
    for (const char c : get("/") + get("/") + get("/")) {
      client.send(std::string(1, c));
      l.io.poll();
    }
    l.until([&] { return count(client.text(), "target /\n") == 3; });
  }
  CHECK_FALSE(client.is_closed);
  CHECK(backend.requests() == 3);
  CHECK(backend.connections() == 1);
}

TEST_CASE("http backend: what it does not serve gets the right status", "[lab]") {
  const auto [request, status, closes] = GENERATE(table<std::string, std::string, bool>({
      {"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n", true},
      {"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n", false},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 400 Bad Request\r\n", true},
      {"\x16\x03\x01 TLS, not HTTP\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", true},
  }));
  INFO(request);
  loop l;
  http_backend backend(l.io.get_executor(), "host1", anywhere);
  tcp_client client(l, backend.endpoint());
  client.send(request);
  l.until([&c = client] { return c.text().find("\r\n\r\n") != std::string::npos; });
  if (closes) client.wait_for_close();
  CHECK(client.text().rfind(status, 0) == 0);
  if (request.rfind("HEAD", 0) == 0) {
    client.send(get("/second"));
    l.until([&c = client] { return c.text().find("target /second") != std::string::npos; });
    CHECK(count(client.text(), "host1 at") == 1);  // HEAD had no body
  }
}

TEST_CASE("http backend: a stopped one refuses, ends its connections and may come back", "[lab]") {
  loop l;
  http_backend backend(l.io.get_executor(), "host1", anywhere);
  const tcp::endpoint at = backend.endpoint();
  tcp_client client(l, at);
  client.send(get("/"));
  l.until([&] { return backend.requests() == 1; });

  backend.stop();
  CHECK_FALSE(backend.is_running());
  client.wait_for_close();
  tcp::socket socket(l.io);
  boost::system::error_code ec;
  socket.connect(at, ec);
  CHECK(ec == boost::asio::error::connection_refused);
  backend.stop();

  backend.start();
  backend.start();
  CHECK(backend.is_running());
  CHECK(backend.endpoint() == at);
  tcp_client again(l, at);
  again.send(get("/"));
  l.until([&] { return backend.requests() == 2; });
  CHECK(backend.connections() == 2);
}

TEST_CASE("http backend: a taken port is told by name", "[lab][errors]") {
  loop l;
  const http_backend backend(l.io.get_executor(), "host1", anywhere);
  try {
    const http_backend second(l.io.get_executor(), "host2", backend.endpoint());
    FAIL("the port was given twice");
  } catch (const boost::system::system_error& error) {
    CHECK(std::string(error.what()).find("tcp 127.0.0.11:" + std::to_string(backend.endpoint().port())) == 0);
  }
}

TEST_CASE("http backend: serves from another thread, and stops while it is asked", "[lab][threads]") {
  background loop_thread;
  std::optional<http_backend> backend(std::in_place, loop_thread.executor(), "host1", anywhere);
  boost::asio::io_context io;
  for (int round = 0; round < 20; ++round) {
    tcp::socket socket(io);
    socket.connect(backend->endpoint());
    boost::asio::write(socket, boost::asio::buffer(get("/")));
    if (round % 2 == 0) {
      char first = 0;
      boost::asio::read(socket, boost::asio::buffer(&first, 1));
      CHECK(first == 'H');
    }
    backend->stop();
    backend->start();
  }
  CHECK(backend->requests() >= 10);
  backend.reset();
}
