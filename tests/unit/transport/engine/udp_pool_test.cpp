// The sockets from which queries leave.
#include "transport/engine/udp_pool.hpp"

#include "sdconnect/balancer/goodness_of_fit.hpp"
#include "unit/transport/scripted_network.hpp"

#include <boost/system/errc.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace system_errc = boost::system::errc;

namespace {

error_code of_system(system_errc::errc_t what) { return system_errc::make_error_code(what); }

struct pool_scene {
  scripted_network net;
  udp_pool pool{net, seeded_draw(20261123)};
  udp_pool::time_point now{std::chrono::hours(1)};
  std::uint32_t queries = 0;

  udp_pool::slot ask(std::size_t server = 0, udp_pool::kind of = udp_pool::kind::usual) {
    const auto socket = pool.take(server, {1, 0, ++queries}, of, now);
    REQUIRE(socket);
    return *socket;
  }
  // Sends a query and receives its answer.
  network::socket_id use(std::size_t server = 0, udp_pool::kind of = udp_pool::kind::usual) {
    const udp_pool::slot at = ask(server, of);
    const network::socket_id id = pool.socket(at);
    pool.forget(at, queries, 0);
    return id;
  }
  network::socket_id use_for_aaaa() { return use(0, udp_pool::kind::aaaa); }
};

}  // namespace

TEST_CASE("udp pool: one query opens one socket, and each further one another until there are 64",
          "[transport][rfc5452][rfc-check-55]") {
  pool_scene s;
  std::set<std::uint16_t> ports;
  for (std::size_t i = 1; i <= 64; ++i) {
    s.use();
    REQUIRE(s.pool.open_sockets() == i);
  }
  for (int i = 0; i < 1000; ++i) {
    s.use();
    REQUIRE(s.pool.open_sockets() <= 64);
  }
  CHECK(s.pool.open_sockets() >= 63);
  for (const std::uint16_t port : s.net.ports_opened) CHECK(port >= 1024);
}

TEST_CASE("udp pool: two queries in a row never leave from the same port", "[transport][rfc5452][fault-X31]") {
  pool_scene s;
  network::socket_id last = s.use();
  for (int i = 0; i < 5000; ++i) {
    const network::socket_id next = s.use();
    REQUIRE(next != last);
    last = next;
  }
}

TEST_CASE("udp pool: over 100,000 queries no port serves more than 32 or longer than 2 s, drawn ports are uniform",
          "[transport][rfc5452][rfc-check-55][fault-X3]") {
  pool_scene s;
  std::map<network::socket_id, udp_pool::time_point> opened;
  std::map<network::socket_id, unsigned> used;
  for (int i = 0; i < 100000; ++i) {
    s.now += 100us;  // 10,000 a second: age and count both matter
    if (i % 1000 == 0) s.now += 700ms;
    const network::socket_id id = s.use();
    opened.emplace(id, s.now);
    REQUIRE(++used[id] <= 32);
    REQUIRE(s.now - opened.at(id) < 2s);
  }
  // As many more draws as the chi-square test needs: 64 cells by the upper bits, 64 by the lower.
  while (s.net.ports_opened.size() < 20000) s.use(), s.now += 1s;
  std::vector<std::uint64_t> upper(63), lower(64);
  for (const std::uint16_t port : s.net.ports_opened) {
    REQUIRE(port >= 1024);
    ++upper[port / 1024 - 1U];
    ++lower[port % 64];
  }
  CHECK(chi_square_p(upper, std::vector<double>(63, 1.0 / 63)) > 0.001);
  CHECK(chi_square_p(lower, std::vector<double>(64, 1.0 / 64)) > 0.001);
}

TEST_CASE("udp pool: each of 64 sockets is as likely as any other but the last", "[transport][rfc5452][fault-X3]") {
  pool_scene s;
  for (int i = 0; i < 64; ++i) s.use();
  // The next draw of many pools in the same state, which differ only in the random values that
  // follow.
  std::vector<std::uint64_t> counts(64);
  seeded_draw seeds(5);
  for (int i = 0; i < 3000; ++i) {
    scripted_network net;
    udp_pool pool(net, seeded_draw(seeds() + 1ULL));
    std::vector<network::socket_id> order;
    for (std::uint32_t q = 0; q < 65; ++q) {
      const auto socket = pool.take(0, {1, 0, q}, udp_pool::kind::usual, s.now);
      if (q < 64) order.push_back(pool.socket(*socket));
      if (q == 64) ++counts[static_cast<std::size_t>(std::ranges::find(order, pool.socket(*socket)) - order.begin())];
    }
  }
  CHECK(counts[63] == 0);
  counts.pop_back();
  CHECK(chi_square_p(counts, std::vector<double>(63, 1.0 / 63)) > 0.001);
}

TEST_CASE("udp pool: a socket is closed when it is too old and nobody waits on it", "[transport][fault-X16]") {
  pool_scene s;
  const udp_pool::slot waited_on = s.ask();
  s.use();
  REQUIRE(s.pool.next_deadline() == s.now + 2s);
  s.now += 2s;
  s.pool.retire_old(s.now);
  CHECK(s.pool.open_sockets() == 1);
  CHECK_FALSE(s.pool.next_deadline());
  CHECK(s.pool.waiting(waited_on).size() == 1);
  s.pool.forget(waited_on, 1, 0);
  CHECK(s.net.sockets.empty());
}

TEST_CASE("udp pool: a port in use is drawn anew, and a system that refuses them all draws itself",
          "[transport][rfc5452]") {
  pool_scene s;
  int refusals = 0;
  SECTION("some in use") {
    s.net.on_open = [&](std::uint16_t) {
      return ++refusals % 4 != 0 ? of_system(system_errc::address_in_use) : error_code();
    };
    for (int i = 0; i < 10; ++i) s.use();
    CHECK(std::ranges::count(s.net.ports_opened, 0) == 0);
  }
  SECTION("all in use") {
    s.net.on_open = [&](std::uint16_t port) {
      return port != 0 ? of_system(system_errc::address_in_use) : error_code();
    };
    s.use();
    CHECK(s.net.ports_opened == std::vector<std::uint16_t>{0});
  }
}

TEST_CASE("udp pool: without descriptors the open sockets serve, and without any it is an error",
          "[transport][fault-X20]") {
  pool_scene s;
  bool none_left = true;
  s.net.on_open = [&](std::uint16_t) { return none_left ? of_system(system_errc::too_many_files_open) : error_code(); };
  const auto refused = s.pool.take(0, {1, 0, 1}, udp_pool::kind::usual, s.now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == system_errc::too_many_files_open);
  none_left = false;
  const network::socket_id only = s.use();
  none_left = true;
  CHECK(s.use() == only);
}

TEST_CASE("udp pool: servers have sockets of their own, and lose them together", "[transport]") {
  pool_scene s;
  const network::socket_id first = s.use(0);
  const network::socket_id second = s.use(1);
  CHECK(first != second);
  CHECK(s.net.sockets.at(second).server == 1);
  s.pool.retire_server(1);
  CHECK_FALSE(s.net.sockets.contains(second));
  CHECK(s.net.sockets.contains(first));
  s.pool.retire_all();
  CHECK(s.net.sockets.empty());
  CHECK_FALSE(s.pool.find(first));
}

TEST_CASE("udp pool: the queries of a burst share a socket, those for AAAA another",
          "[transport][rfc5452][fault-X31]") {
  pool_scene s;
  for (int i = 0; i < 64; ++i) s.use();
  std::set<std::set<network::socket_id>> pairs;
  for (int burst = 0; burst < 20; ++burst) {  // none of the 64 reaches its 32nd query
    s.pool.begin_burst();
    const network::socket_id first = s.use(), second = s.use_for_aaaa();
    CHECK(first != second);
    CHECK(s.use() == first);
    CHECK(s.use_for_aaaa() == second);
    s.pool.end_burst();
    pairs.insert({first, second});
  }
  CHECK(s.pool.sockets_opened() == 64);
  CHECK(pairs.size() >= 18);  // drawn again for each burst, from 2016 pairs
}

TEST_CASE("udp pool: in a burst, too, no port serves A and AAAA or more than 32 queries, and each is as likely",
          "[transport][rfc5452][fault-X3][fault-X31]") {
  pool_scene s;
  std::map<network::socket_id, std::uint64_t> used;
  network::socket_id last = s.use();
  for (int burst = 0; burst < 3000; ++burst) {
    s.now += 100us;
    s.pool.begin_burst();
    for (int i = 0; i < 10; ++i) {
      const auto usual = s.use(), aaaa = s.use_for_aaaa();
      REQUIRE(usual != aaaa);
      if (i == 0) REQUIRE(usual != last);
      REQUIRE(++used[usual] <= 32);
      REQUIRE(++used[aaaa] <= 32);
      last = aaaa;
    }
    s.pool.end_burst();
    REQUIRE(s.pool.open_sockets() <= 64);
  }
  std::vector<std::uint64_t> upper(63);
  for (const std::uint16_t port : s.net.ports_opened) ++upper[port / 1024 - 1U];
  CHECK(chi_square_p(upper, std::vector<double>(63, 1.0 / 63)) > 0.001);
}

TEST_CASE("udp pool: a burst prefers sockets on which an answer has come", "[transport][fault-X31]") {
  pool_scene s;
  std::set<network::socket_id> answered;
  for (int i = 0; i < 64; ++i) {
    if (i % 2 == 0) {
      s.ask();
    } else {
      answered.insert(s.use());
    }
  }
  int preferred = 0;
  for (int burst = 0; burst < 20; ++burst) {
    s.pool.begin_burst();
    preferred += answered.contains(s.use()) ? 1 : 0;
    preferred += answered.contains(s.use_for_aaaa()) ? 1 : 0;
    s.pool.end_burst();
  }
  CHECK(preferred >= 38);  // each draw misses with probability 2^-8
}

TEST_CASE("udp pool: without any answer so far a burst uses what is there", "[transport][fault-X31]") {
  pool_scene s;
  for (int i = 0; i < 64; ++i) s.ask();
  s.pool.begin_burst();
  const udp_pool::slot first = s.ask();
  CHECK(s.ask(0, udp_pool::kind::aaaa) != first);
  CHECK(s.pool.open_sockets() == 64);
}

TEST_CASE("udp pool: with two sockets left a burst has one for each kind, with one it is for both", "[transport]") {
  pool_scene s;
  bool none_left = false;
  s.net.on_open = [&](std::uint16_t) { return none_left ? of_system(system_errc::too_many_files_open) : error_code(); };
  const int sockets = GENERATE(1, 2);
  for (int i = 0; i < sockets; ++i) s.use();
  none_left = true;
  for (int burst = 0; burst < 10; ++burst) {
    s.pool.begin_burst();
    CHECK((s.use() != s.use_for_aaaa()) == (sockets == 2));
    s.pool.end_burst();
  }
}

TEST_CASE("udp pool: it knows the only socket on which somebody waits", "[transport]") {
  pool_scene s;
  CHECK_FALSE(s.pool.only_awaited());
  const udp_pool::slot one = s.ask();
  CHECK(s.pool.only_awaited() == s.pool.socket(one));
  const udp_pool::slot other = s.ask();
  CHECK_FALSE(s.pool.only_awaited());
  s.pool.forget(other, 2, 0);
  CHECK_FALSE(s.pool.only_awaited());  // not the last: the pool would have to search for it
  s.pool.forget(one, 1, 0);
  CHECK_FALSE(s.pool.only_awaited());
  CHECK(s.use() > 0);
}
