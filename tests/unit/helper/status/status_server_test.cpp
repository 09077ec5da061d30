#include "helper/status/status_server.hpp"

#include "unit/helper/status/fake_source.hpp"
#include "unit/lab/loop.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

using namespace sdconnect;
using namespace sdconnect::test;
using boost::asio::ip::tcp;

namespace {

struct served_status {
  served_status() { server->open(tcp::endpoint(boost::asio::ip::make_address_v4("127.0.0.1"), 0)); }
  [[nodiscard]] std::string get(const std::string& path) const {
    return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server->local_endpoint().port()) +
           "\r\n\r\n";
  }

  loop l;
  fake_source source;
  std::optional<helper::status_server> server{std::in_place, l.io.get_executor(), source, "secret",
                                              std::chrono::milliseconds(1)};
};

std::size_t events_in(const std::string& text) {
  std::size_t found = 0;
  for (auto at = text.find("event: status\n"); at != text.npos; at = text.find("event: status\n", at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("status server: a watcher gets the status at once and then again", "[helper][status]") {
  served_status s;
  tcp_client client(s.l, s.server->local_endpoint());
  client.send(s.get("/api/events"));
  s.l.until([&] { return events_in(client.text()) == 1; });
  s.source.status.version = "9.9.9";
  s.l.until([&] { return events_in(client.text()) == 2; });
  s.l.until([&] { return client.text().find("\"version\":\"9.9.9\"") != std::string::npos; });
  CHECK(client.text().substr(client.text().size() - 2) == "\n\n");
}

TEST_CASE("status server: when the last watcher is gone it stops, and begins again with the next", "[helper][status]") {
  served_status s;
  tcp_client client(s.l, s.server->local_endpoint());
  client.send(s.get("/api/events"));
  s.l.until([&] { return events_in(client.text()) == 1; });
  client.socket.close();
  s.l.until([&] { return client.is_closed; });
  const int before = s.source.snapshots;
  tcp_client again(s.l, s.server->local_endpoint());
  again.send(s.get("/api/events"));
  s.l.until([&] { return events_in(again.text()) == 2; });
  CHECK(s.source.snapshots >= before + 2);
}

TEST_CASE("status server: ends while it is watched", "[helper][status]") {
  served_status s;
  tcp_client client(s.l, s.server->local_endpoint());
  client.send(s.get("/api/events"));
  s.l.until([&] { return events_in(client.text()) == 1; });
  SECTION("closed") { s.server->close(); }
  SECTION("destroyed") { s.server.reset(); }
  client.wait_for_close();
}
