#include "support/heap_meter.hpp"
#include "unit/helper/relay/relay_scene.hpp"

#include <netinet/tcp.h>

using namespace sdconnect::helper;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

int option(const descriptor& of, int level, int which) {
  int value = -1;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(of.get(), level, which, &value, &size) == 0);
  return value;
}

}  // namespace

TEST_CASE("relay: an end and a reset that arrive together are both noticed", "[helper][fault-L15]") {
  const bool by_client = GENERATE(true, false);
  relay_scene r;
  r.start();
  r.run_for_a_while();
  descriptor& broken = by_client ? r.client : r.backend;
  descriptor& whole = by_client ? r.backend : r.client;
  send(broken, "last words");
  ::shutdown(broken.get(), SHUT_WR);
  reset(broken);
  r.until_reported();
  CHECK(r.read(whole, 100) == "last words");
  CHECK(r.report->ended_first == (by_client ? relay_side::client : relay_side::backend));
  CHECK(r.report->error);
}

TEST_CASE("relay: a reset waits for what a slow reader has not read yet", "[helper][fault-L15][fault-L16]") {
  relay_scene r;
  r.start();
  constexpr std::size_t size = 200'000;
  send(r.backend, std::string(size, 'x'));
  r.run_until([&] { return r.engine->octets(r.id).second == size; });
  reset(r.backend);
  r.until_reported();
  int error = 0;
  CHECK(r.read(r.client, 2 * size, &error).size() == size);
  CHECK(error == ECONNRESET);
  CHECK(r.report->octets_down == size);
}

TEST_CASE("relay: a client that has sent everything and gone does not hold its backend", "[helper][fault-L15]") {
  relay_scene r;
  r.start(false);  // a Unix socket tells at once
  send(r.client, "all");
  r.client.reset();
  CHECK(r.read(r.backend, 100) == "all");
  r.until_reported();
  CHECK(r.report->ended_first == relay_side::client);
  CHECK_FALSE(r.report->error);
  CHECK(r.report->octets_up == 3);
}

TEST_CASE("relay: octets behind urgent data follow at once, and none is lost", "[helper]") {
  relay_scene r;
  r.start();
  send(r.client, "before ");
  REQUIRE(::send(r.client.get(), "!", 1, MSG_OOB) == 1);
  send(r.client, " behind");
  CHECK(r.read(r.backend, 15) == "before ! behind");
}

TEST_CASE("relay: a peer that is gone is noticed, one that pauses is not disturbed", "[helper][fault-L16][fault-L17]") {
  relay_scene r;
  auto [client_far, client_near] = tcp_pair();
  auto [backend_far, backend_near] = tcp_pair();
  r.client = std::move(client_far);
  r.backend = std::move(backend_far);
  const descriptor client_too(::dup(client_near.get())), backend_too(::dup(backend_near.get()));
  r.start_between(std::move(client_near), std::move(backend_near));
  for (const descriptor* d : {&client_too, &backend_too}) {
    CHECK(option(*d, SOL_SOCKET, SO_KEEPALIVE) == 1);
    CHECK(option(*d, IPPROTO_TCP, TCP_KEEPIDLE) == 60);
    CHECK(option(*d, IPPROTO_TCP, TCP_KEEPINTVL) * option(*d, IPPROTO_TCP, TCP_KEEPCNT) == 60);
    // It counts while the peer acknowledges everything but has no room.
    CHECK(option(*d, IPPROTO_TCP, TCP_USER_TIMEOUT) == 0);
  }
}

TEST_CASE("relay: a socket that a child process still holds is harmless", "[helper]") {
  relay_scene r;
  auto [client_far, client_near] = tcp_pair();
  auto [backend_far, backend_near] = tcp_pair();
  r.client = std::move(client_far);
  r.backend = std::move(backend_far);
  const descriptor inherited(::dup(client_near.get()));
  r.start_between(std::move(client_near), std::move(backend_near));
  r.backend.reset();
  ::shutdown(r.client.get(), SHUT_WR);
  r.until_reported();
  ::shutdown(inherited.get(), SHUT_RDWR);  // an event of the socket that was closed
  r.run_for_a_while();
  CHECK(r.engine->size() == 0);
}

TEST_CASE("relay: a descriptor that cannot be waited for ends its relay", "[helper]") {
  relay_scene r;
  auto [backend_far, backend_near] = tcp_pair();
  r.backend = std::move(backend_far);
  r.start_between(descriptor(::open(__FILE__, O_RDONLY | O_CLOEXEC)), std::move(backend_near));
  r.until_reported();
  CHECK(r.report->error.value() == EPERM);
  CHECK(r.end_of(r.backend) == ECONNRESET);
}

TEST_CASE("relay: the engine may be used and destroyed inside on_end", "[helper]") {
  relay_scene r;
  SECTION("other relays") {
    r.start();
    auto [client, client_near] = unix_pair();
    auto [backend, backend_near] = unix_pair();
    auto [late_client, late_client_near] = unix_pair();
    auto [late_backend, late_backend_near] = unix_pair();
    const auto destroy = [&](const relay_report&) {
      r.engine->end(r.id);
      r.engine.reset();
    };
    const auto start_another = [&, &at = late_client_near, &to = late_backend_near](const relay_report&) {
      r.engine->start(std::move(at), std::move(to), {.on_end = destroy});
    };
    r.engine->start(std::move(client_near), std::move(backend_near), {.on_end = start_another});
    for (descriptor* d : {&client, &backend, &late_client, &late_backend}) d->reset();
    r.run_until([&] { return !r.engine; });
    CHECK_FALSE(r.report);
    CHECK(r.end_of(r.client) == ECONNRESET);
  }
  SECTION("with octets that are still to be moved") {
    r.start();
    // More than the engine moves before it lets others go on.
    const std::size_t all = fill(r.client) + fill(r.backend);
    r.io.poll_one();
    const auto [up, down] = r.engine->octets(r.id);
    INFO(all << " octets, " << up << " up, " << down << " down");
    r.engine.reset();
    r.io.poll();
    CHECK_FALSE(r.report);
  }
}

TEST_CASE("relay: an idle relay holds no buffer and no pipe", "[helper][fault-L16]") {
  if (!heap_meter::is_counting()) return;
  const bool over_tcp = GENERATE(true, false);
  const std::size_t block = GENERATE(20'000, 1 << 20);  // copied; moved through a pipe
  relay_scene r;
  r.start(over_tcp);
  r.run_for_a_while();
  const std::size_t descriptors = open_descriptors();
  const heap_meter heap;
  std::size_t sent = 0;
  for (std::size_t before = 1; before != sent;) {  // until the reader holds everything up
    before = sent;
    sent += send_some(r.client, block);
    r.run_for_a_while();
  }
  CHECK(r.read(r.backend, sent).size() == sent);
  r.run_for_a_while();
  CHECK(heap.in_use() < 2048);
  CHECK(open_descriptors() <= descriptors + 2);  // the engine keeps one pipe for later
}
