#include "unit/helper/relay/relay_scene.hpp"

using namespace sdconnect::helper;
using namespace sdconnect::test;
using namespace std::chrono_literals;

TEST_CASE("relay: both directions, what was early first, and each ends by itself", "[helper][fault-L14][fault-L32]") {
  const bool over_tcp = GENERATE(true, false);
  const bool client_first = GENERATE(true, false);
  relay_scene r;
  r.start(over_tcp, {.for_backend = "early ", .for_client = "welcome "});
  send(r.client, "question");
  CHECK(r.read(r.backend, 14) == "early question");
  send(r.backend, "answer");
  CHECK(r.read(r.client, 14) == "welcome answer");

  descriptor& first = client_first ? r.client : r.backend;
  descriptor& last = client_first ? r.backend : r.client;
  ::shutdown(first.get(), SHUT_WR);
  CHECK(r.end_of(last) == 0);
  send(last, "more");
  CHECK(r.read(first, 4) == "more");
  CHECK_FALSE(r.report);
  ::shutdown(last.get(), SHUT_WR);
  CHECK(r.end_of(first) == 0);
  r.until_reported();
  CHECK_FALSE(r.report->error);
  CHECK_FALSE(r.report->was_forced);
  CHECK(r.report->ended_first == (client_first ? relay_side::client : relay_side::backend));
  CHECK(r.report->octets_up == 14 + (client_first ? 0 : 4));
  CHECK(r.report->octets_down == 14 + (client_first ? 4 : 0));
  CHECK(r.report->first_up == 'e');
  CHECK(r.engine->size() == 0);
}

TEST_CASE("relay: bulk data arrive as they were sent, while the other side is slow", "[helper][fault-L16]") {
  const bool over_tcp = GENERATE(true, false);
  relay_scene r;
  r.start(over_tcp);
  constexpr std::size_t size = std::size_t{24} << 20;
  std::string sent(size, '\0');
  std::uint32_t seed = 1;
  for (char& c : sent) c = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  std::string got;
  std::size_t written = 0;
  std::array<char, 1 << 20> block{};
  for (int turn = 0; got.size() < size && turn < 200000; ++turn) {
    if (written < size) {
      const ssize_t n = ::send(r.client.get(), sent.data() + written, size - written, MSG_NOSIGNAL);
      if (n > 0) written += static_cast<std::size_t>(n);
      if (written == size) ::shutdown(r.client.get(), SHUT_WR);
    }
    r.io.poll();
    r.io.restart();
    if (turn % 3 == 0) continue;
    const ssize_t n = ::recv(r.backend.get(), block.data(), turn % 7 == 0 ? 1000 : block.size(), 0);
    if (n > 0) got.append(block.data(), static_cast<std::size_t>(n));
  }
  CHECK(got == sent);
  CHECK(r.end_of(r.backend) == 0);
  CHECK(r.engine->octets(r.id).first == size);
}

TEST_CASE("relay: a reset is passed on, after the data before it", "[helper][fault-L15]") {
  const auto how = GENERATE(0, 1, 2);
  const bool by_client = GENERATE(true, false);
  relay_scene r;
  r.start();
  descriptor& broken = by_client ? r.client : r.backend;
  descriptor& whole = by_client ? r.backend : r.client;
  if (how == 0) {  // with data on the way
    send(broken, "last words");
    r.run_for_a_while();
    reset(broken);
    int error = 0;
    CHECK(r.read(whole, 100, &error) == "last words");
    CHECK(error == ECONNRESET);
  } else if (how == 1) {  // while the other one sends
    reset(broken);
    send(whole, "in vain");
    CHECK(r.end_of(whole) == ECONNRESET);
  } else {  // after it had ended its direction
    ::shutdown(broken.get(), SHUT_WR);
    CHECK(r.end_of(whole) == 0);
    send(whole, "too late");
    r.run_for_a_while();
    reset(broken);
    r.until_reported();
    CHECK(::send(whole.get(), "x", 1, MSG_NOSIGNAL) < 0);
  }
  r.until_reported();
  CHECK(r.report->ended_first == (by_client ? relay_side::client : relay_side::backend));
  CHECK(r.report->error);
}

TEST_CASE("relay: ended by force, and by a time without octets", "[helper][fault-L17]") {
  relay_scene r;
  SECTION("by force") {
    r.start();
    r.engine->end(r.id);
    r.engine->end(r.id);
    r.until_reported();
    CHECK(r.report->was_forced);
  }
  SECTION("idle") {
    r.start(true, {.idle_timeout = 10ms});
    r.until_reported();
    CHECK(r.report->was_forced);
  }
  SECTION("not without a limit") {
    r.start();
    r.io.run_for(20ms);
    CHECK_FALSE(r.report);
    r.engine.reset();
    CHECK_FALSE(r.report);
    return;
  }
  CHECK(r.end_of(r.client) == ECONNRESET);
  CHECK(r.end_of(r.backend) == ECONNRESET);
}

TEST_CASE("relay: a thousand relays leave no descriptor behind", "[helper][fault-L31]") {
  boost::asio::io_context io;
  std::optional<relay_engine> engine(io.get_executor());
  const std::size_t before = open_descriptors();
  int ended = 0;
  for (int i = 0; i < 1000; ++i) {
    auto [client, client_near] = unix_pair();
    auto [backend, backend_near] = unix_pair();
    engine->start(std::move(client_near), std::move(backend_near), {.on_end = [&](const relay_report&) { ++ended; }});
    send(client, "x");
    if (i % 3 == 0) ::shutdown(client.get(), SHUT_WR);
    io.poll();
    io.restart();
  }
  for (int turns = 0; ended < 1000 && turns < 1000; ++turns) {
    io.run_for(1ms);
    io.restart();
  }
  CHECK(ended == 1000);
  CHECK(open_descriptors() == before);
}
