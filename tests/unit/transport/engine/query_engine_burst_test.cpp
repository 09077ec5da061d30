// Queries that are sent, with others, some time after the network accepted them.
#include "unit/transport/engine_scene.hpp"

#include <boost/system/errc.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
namespace system_errc = boost::system::errc;

namespace {

struct burst_scene : engine_scene {
  using engine_scene::engine_scene;

  void unsent(const scripted_network::datagram& query, system_errc::errc_t why) {
    const auto id = static_cast<std::uint16_t>(query.message[0] << 8 | query.message[1]);
    engine().on_unsent(query.from, id, system_errc::make_error_code(why), now);
    collect();
  }
};

}  // namespace

TEST_CASE("query engine: an old ICMP error met in sending later does not fail the query", "[transport][fault-X18]") {
  burst_scene s;
  s.ask();
  const scripted_network::datagram first = s.net.sent.at(0);
  s.unsent(first, system_errc::connection_refused);
  REQUIRE(s.net.sent.size() == 2);
  CHECK(s.net.sent[1].server == first.server);
  CHECK(s.net.sent[1].from != first.from);
  CHECK_FALSE(s.net.sockets.contains(first.from));  // it takes no more queries, and no query waits on it
  CHECK(s.engine().statistics().datagrams_sent == 1);
  s.answer(s.net.sent[1]);
  REQUIRE(s.done.size() == 1);
  CHECK_FALSE(s.status(0));
}

TEST_CASE("query engine: the others who wait on a socket hear of the error met in sending",
          "[transport][fault-X17][fault-X18]") {
  burst_scene s;
  std::size_t asked = 0;
  const auto shares = [&] {  // a socket with two waiting queries
    return std::ranges::find_if(s.net.sent, [&](const auto& d) { return s.net.sockets.at(d.from).queries == 2; });
  };
  while (shares() == s.net.sent.end()) s.ask(asked++);
  const scripted_network::datagram first = *shares();
  const auto second =
      *std::find_if(s.net.sent.rbegin(), s.net.sent.rend(), [&](const auto& d) { return d.from == first.from; });
  const std::size_t before = s.net.sent.size();
  s.unsent(second, system_errc::connection_refused);
  REQUIRE(s.net.sent.size() == before + 2);
  // The query that was not sent goes to the same server; the one that was refused goes to the next.
  const auto asks_as = [](const scripted_network::datagram& a, const scripted_network::datagram& b) {
    return std::ranges::equal(std::span(a.message).subspan(12),
                              std::span(b.message).subspan(12));  // everything except the header
  };
  for (std::size_t i = before; i < before + 2; ++i) {
    const bool is_second = asks_as(s.net.sent[i], second);
    CHECK(s.net.sent[i].server == (is_second ? 0 : 1));
    CHECK((is_second || asks_as(s.net.sent[i], first)));
  }
}

TEST_CASE("query engine: what cannot be sent for a reason of its own is the next server's", "[transport][fault-X19]") {
  burst_scene s;
  s.ask();
  s.unsent(s.net.sent.at(0), system_errc::message_size);
  if (s.net.sent.size() == 1) s.expire();  // after a short time
  REQUIRE(s.net.sent.size() == 2);
  s.answer(s.net.sent[1]);
  REQUIRE(s.done.size() == 1);
  CHECK_FALSE(s.status(0));
}

TEST_CASE("query engine: a second failure in sending ends the attempt", "[transport][fault-X18]") {
  burst_scene s;
  s.ask();
  const scripted_network::datagram first = s.net.sent.at(0);
  int refused = 0;
  s.net.on_send = [&] {
    return ++refused == 1 ? system_errc::make_error_code(system_errc::network_unreachable) : error_code();
  };
  s.unsent(first, system_errc::network_unreachable);
  if (s.net.sent.size() == 1) s.expire();
  REQUIRE(s.net.sent.size() == 2);
  CHECK(s.net.sent[1].server == 1);
  s.answer(s.net.sent[1]);
  CHECK(s.done.size() == 1);
}

TEST_CASE("query engine: an error in sending for a query that has ended is told to the others only",
          "[transport][fault-X36]") {
  burst_scene s;
  SECTION("nobody else") {
    const auto query = s.ask();
    const scripted_network::datagram sent = s.net.sent.at(0);
    s.cancel(query);
    s.unsent(sent, system_errc::connection_refused);
    CHECK(s.net.sent.size() == 1);
    CHECK(s.done.size() == 1);
  }
  SECTION("another on the socket") {
    std::vector<engine_scene::handle> queries;
    while (s.net.sent.empty() || s.net.sockets.at(s.net.sent.back().from).queries < 2)
      queries.push_back(s.ask(queries.size()));
    const scripted_network::datagram sent = s.net.sent.back();
    const std::size_t before = s.net.sent.size();
    s.cancel(queries.back());
    s.unsent(sent, system_errc::no_buffer_space);
    CHECK(s.net.sent.size() == before);
    s.unsent(sent, system_errc::connection_refused);
    CHECK(s.net.sent.size() == before + 1);
    CHECK(s.net.sent.back().server == 1);
  }
}

TEST_CASE("query engine: queries of a burst share a socket, those for AAAA another, each with an ID of its own",
          "[transport][fault-X3][fault-X31]") {
  burst_scene s;
  for (std::size_t i = 0; i < 64; ++i) s.ask(i);
  while (!s.net.sent.empty() && s.done.size() < 64) s.answer(s.net.sent[s.done.size()]);
  s.net.sent.clear();
  s.engine().begin_burst();
  for (std::size_t i = 0; i < 10; ++i) {
    s.ask(question{s.numbered(100 + i).qname, rr_type::a});
    s.ask(question{s.numbered(100 + i).qname, rr_type::aaaa});
  }
  s.engine().end_burst();
  std::map<rr_type, std::set<network::socket_id>> sockets;
  std::set<std::pair<int, int>> ids;
  for (const auto& each : s.net.sent) {
    sockets[type_of(each.message)].insert(each.from);
    ids.insert({each.message[0], each.message[1]});
  }
  CHECK(sockets[rr_type::a].size() == 1);
  CHECK(sockets[rr_type::aaaa].size() == 1);
  CHECK(sockets[rr_type::a] != sockets[rr_type::aaaa]);
  CHECK(ids.size() == 20);
  const auto sent = s.net.sent;
  for (const auto& each : sent) {
    if (type_of(each.message) == rr_type::a) s.answer(each);
  }
  CHECK(s.done.size() == 64 + 10);
}
