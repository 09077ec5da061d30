// Handles that are destroyed after their context, and which operations keep a context busy.
#include "sdconnect/connect/connector.hpp"
#include "sdconnect/resolver/service_watcher.hpp"
#include "unit/connect/served_in_thread.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

enum class context_kind { loop, strand, pool };

/// A connector, a resolver and a watcher on a context that ends before them.
struct outliving {
  served_in_thread served;
  context_kind kind = context_kind::loop;
  std::optional<asio::io_context> io;
  std::optional<asio::thread_pool> pool;
  connector_options options;
  std::optional<resolver> find;
  std::optional<connector> with;
  std::optional<service_watcher> watcher;
  std::shared_ptr<int> kept = std::make_shared<int>();  // held by handlers
  std::atomic<bool> is_called = false;                  // set by handlers that must not be called

  explicit outliving(context_kind of) : kind(of) {
    if (kind == context_kind::pool) {
      pool.emplace(2);
    } else {
      io.emplace();
    }
  }

  [[nodiscard]] asio::any_io_executor executor() {
    if (pool) return pool->get_executor();
    if (kind == context_kind::strand) return asio::make_strand(*io);
    return io->get_executor();
  }
  void make_handles() {
    find.emplace(dns_client(executor(), served.asked()));
    with.emplace(*find, options);
  }
  void until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      if (io) {
        if (io->stopped()) io->restart();
        io->run_one_for(1ms);
      } else {
        std::this_thread::sleep_for(1ms);
      }
      REQUIRE(std::chrono::steady_clock::now() < end);
    }
  }
  void end_context() {
    io.reset();
    if (pool) pool->stop();
    pool.reset();
  }

  /// The handler holds copies of the handles, as a session does, and must not be called.
  void connect_in_vain(const char* name) {
    with->async_connect(query_for(name), [this, held = kept, copy = *with, resolving = *find](
                                             error_code, const connection&) { is_called = true; });
  }
  void watch(const char* name) { watcher.emplace(*find, query_for(name)); }
  void await_update_in_vain() {
    watcher->async_next([this, held = kept, copy = *with](error_code, const watch_update&) { is_called = true; });
  }
  std::pair<error_code, connection> connect(const char* name) {
    std::atomic<bool> is_complete = false;
    std::pair<error_code, connection> out;
    with->async_connect(query_for(name), [&](error_code ec, connection c) {
      out = {ec, std::move(c)};
      is_complete = true;
    });
    until([&] { return is_complete.load(); });
    return out;
  }
  [[nodiscard]] bool has_tried() const {
    const std::vector<service_status> all = with->status();
    return !all.empty() && all[0].endpoints.at(0).stats.picks > 0;
  }
};

context_kind any_kind() { return GENERATE(context_kind::loop, context_kind::strand, context_kind::pool); }

}  // namespace

TEST_CASE("connector: it may outlive its context, with connects at every stage", "[connect][lifetime]") {
  outliving t(any_kind());
  CAPTURE(static_cast<int>(t.kind));
  std::optional<endpoint_use> use;
  std::shared_ptr<balancer> balance;
  const bool has_other_handles = GENERATE(true, false);
  SECTION("unused") { t.make_handles(); }
  SECTION("one that has begun") {
    t.make_handles();
    t.connect_in_vain("_y._tcp.example.com");
  }
  SECTION("two that wait for DNS") {
    t.make_handles();
    t.connect_in_vain("_y._tcp.example.com");
    t.connect_in_vain("_y._tcp.example.com");
    t.until([&] { return t.served.queries() > 0; });
  }
  SECTION("two in a race that does not end") {
    t.options.connecting.attempt_timeout = 60s;
    t.make_handles();
    t.connect_in_vain("_hole._tcp.example.com");
    t.connect_in_vain("_hole._tcp.example.com");
    t.until([&] { return t.has_tried(); });
  }
  SECTION("a service that is known, and an endpoint of it in use") {
    t.make_handles();
    std::pair<error_code, connection> made = t.connect("_x._tcp.example.com");
    REQUIRE_FALSE(made.first);
    use = made.second.release().second;
    balance = t.with->find_balancer(query_for("_x._tcp.example.com"));
  }
  SECTION("one that is kept fresh") {
    t.options.keep_fresh = 10min;
    t.make_handles();
    REQUIRE_FALSE(t.connect("_x._tcp.example.com").first);
    t.connect_in_vain("_y._tcp.example.com");
  }
  SECTION("closed before those who connect were told") {
    if (t.kind == context_kind::pool) return;  // a pool would call the handlers
    t.make_handles();
    t.connect_in_vain("_y._tcp.example.com");
    t.with->close();
  }
  if (!has_other_handles) {
    t.with.reset();
    t.find.reset();
  }
  t.end_context();
  CHECK(t.kept.use_count() == 1);
  CHECK_FALSE(t.is_called);
  if (t.with) {
    const connector copy = *t.with;
    t.with.reset();
  }
  if (use) use->report(outcome_kind::reset);
  if (balance) CHECK(balance->status().size() == 2);
}

TEST_CASE("connector: its sockets may belong to another executor, and it may outlive that one's context",
          "[connect][lifetime]") {
  std::optional<asio::io_context> sockets(std::in_place);  // no thread runs it
  outliving t(context_kind::loop);
  const bool is_same = GENERATE(true, false);
  CAPTURE(is_same);
  {
    const auto named = is_same ? asio::make_strand(*t.io) : asio::make_strand(*sockets);
    t.options.connecting.socket_executor = named;
    t.make_handles();
    t.options.connecting.socket_executor = {};
    auto [ec, made] = t.connect("_x._tcp.example.com");
    REQUIRE_FALSE(ec);
    CHECK(made.socket().get_executor() == asio::any_io_executor(named));
    CHECK(made.socket().remote_endpoint().port() == made.where.port);
    char octet = 0;
    error_code end;
    CHECK(asio::read(made.socket(), asio::buffer(&octet, 1), end) == 0);  // waits for the backend to close
    CHECK(end == asio::error::eof);
  }
  SECTION("idle") {}
  SECTION("idle, and that context ends first") { sockets.reset(); }
  SECTION("with a race that does not end") {
    t.connect_in_vain("_hole._tcp.example.com");
    t.until([&] { return t.with->status().size() == 2; });
  }
  t.end_context();
  CHECK(t.kept.use_count() == 1);
  CHECK_FALSE(t.is_called);
  sockets.reset();
}

TEST_CASE("resolver: it may outlive its context, with walks under way", "[resolver][lifetime]") {
  outliving t(any_kind());
  t.make_handles();
  t.with.reset();
  const bool is_asked = GENERATE(false, true);
  const auto name = GENERATE("_y._tcp.example.com", "_one._tcp.example.com");
  t.find->async_resolve(query_for(name),
                        [&, held = t.kept, copy = *t.find](error_code, const service&) { t.is_called = true; });
  t.find->async_browse(query_for("_y._tcp.example.com").qname, 30s,
                       [&, held = t.kept, copy = *t.find](error_code, const browse_result&) { t.is_called = true; });
  if (is_asked) t.until([&] { return t.served.queries() > 0; });
  t.end_context();
  CHECK(t.kept.use_count() == 1);
  CHECK_FALSE(t.is_called);
  const resolver copy = *t.find;
  t.find.reset();
}

TEST_CASE("service watcher: it may outlive its context, asked or not", "[resolver][lifetime]") {
  outliving t(any_kind());
  const bool is_first = GENERATE(true, false);
  t.make_handles();
  SECTION("begun") { t.watch("_x._tcp.example.com"); }
  SECTION("known, and to be asked for again") {
    t.watch("_x._tcp.example.com");
    t.until([&] { return !t.watcher->current()->endpoints.empty(); });
    SECTION("and nobody waits") {}
    SECTION("and somebody has been told, and waits for more") {
      std::atomic<bool> is_told = false;
      t.watcher->async_next([&](error_code, const watch_update&) { is_told = true; });
      t.until([&] { return is_told.load(); });
      t.await_update_in_vain();
    }
  }
  SECTION("waited for in vain") {
    t.watch("_y._tcp.example.com");
    t.await_update_in_vain();
    t.until([&] { return t.served.queries() > 0; });
  }
  SECTION("and its handler owns it") {
    const auto owned = std::make_shared<service_watcher>(*t.find, query_for("_y._tcp.example.com"));
    owned->async_next([&, owned, held = t.kept](error_code, const watch_update&) { t.is_called = true; });
  }
  SECTION("closed") {
    t.watch("_x._tcp.example.com");
    t.watcher->close();
  }
  if (is_first) t.with.reset();
  t.end_context();
  CHECK(t.kept.use_count() == 1);
  CHECK_FALSE(t.is_called);
  t.find.reset();
  t.watcher.reset();
}

TEST_CASE("service watcher: a strand that ends may destroy its owner before its context is told",
          "[resolver][lifetime]") {
  outliving t(context_kind::strand);
  const resolver early(dns_client(t.io->get_executor(), t.served.asked()));  // created before any strand of the context
  t.make_handles();
  auto owned = std::make_shared<service_watcher>(*t.find, query_for("_y._tcp.example.com"));
  owned->async_next(
      [&, held = t.kept, last = *std::exchange(t.with, {})](error_code, const watch_update&) { t.is_called = true; });
  asio::post(t.find->get_executor(), [owner = std::move(owned)] {});
  t.end_context();
  CHECK(t.kept.use_count() == 1);
  CHECK_FALSE(t.is_called);
}

TEST_CASE("connector: a cancellation after the end of the context does nothing", "[connect][lifetime]") {
  outliving t(any_kind());
  t.make_handles();
  asio::cancellation_signal connecting, resolving, watching;
  t.with->async_connect(query_for("_y._tcp.example.com"),
                        asio::bind_cancellation_slot(
                            connecting.slot(), [&, held = t.kept](error_code, connection) { t.is_called = true; }));
  t.find->async_resolve(
      query_for("_y._tcp.example.com"),
      asio::bind_cancellation_slot(resolving.slot(), [&, held = t.kept](error_code, service) { t.is_called = true; }));
  t.watch("_y._tcp.example.com");
  t.watcher->async_next(asio::bind_cancellation_slot(
      watching.slot(), [&, held = t.kept](error_code, watch_update) { t.is_called = true; }));
  t.end_context();
  for (asio::cancellation_signal* signal : {&connecting, &resolving, &watching}) {
    signal->emit(asio::cancellation_type::terminal);
  }
  CHECK(t.kept.use_count() == 1);
  CHECK_FALSE(t.is_called);
}

TEST_CASE("connector: connects for another context go with the connector's own", "[connect][lifetime]") {
  outliving t(any_kind());
  t.make_handles();
  asio::io_context other;
  const auto on_other = [&](auto handler) { return asio::bind_executor(other.get_executor(), std::move(handler)); };
  t.with->async_connect(query_for("_y._tcp.example.com"),
                        on_other([&, held = t.kept](error_code, const connection&) { t.is_called = true; }));
  t.watch("_y._tcp.example.com");
  t.watcher->async_next(on_other([&, held = t.kept](error_code, const watch_update&) { t.is_called = true; }));
  other.poll();
  CHECK_FALSE(other.stopped());
  t.end_context();
  CHECK(t.kept.use_count() == 1);
  other.poll();
  CHECK(other.stopped());  // it has no more work
}

TEST_CASE("connector: a policy of the user's may close it, and others, while news are told", "[connect][lifetime]") {
  asking a;
  std::string text = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 2 3 4 30\nh A 127.0.0.13\n";
  for (char c = 'a'; c < 'i'; ++c) text += std::string("_") + c + "._tcp SRV 0 1 9 h\n_" + c + "._tcp SRV 0 1 8 h\n";
  a.options.server_sets[0].servers.push_back(
      name_server::of(std::make_shared<const zone>(*zone::parse(text)), "file:test"));
  std::optional<connector> with;
  std::optional<service_watcher> watcher;
  connector_options options;
  auto owned = std::make_shared<std::optional<service_watcher>>();  // held by the policy
  options.balancing.custom = [&, owned](std::span<const policy_candidate>, random_engine&,
                                        std::optional<std::uint64_t>) -> std::size_t {
    watcher.reset();
    if (with) with->close();
    return 0;
  };
  int ended = 0;
  {
    const resolver find(a.client());
    with.emplace(find, std::exchange(options, {}));
    watcher.emplace(find, query_for("_a._tcp.example.com"));
    owned->emplace(find, query_for("_b._tcp.example.com"));
  }
  const std::weak_ptr<std::optional<service_watcher>> observed = owned;
  for (char c = 'a'; c < 'i'; ++c) {
    with->async_connect(query_for(std::string("_") + c + "._tcp.example.com"), [&](error_code ec, const connection&) {
      if (ec == asio::error::operation_aborted) ++ended;
    });
  }
  a.l.until([&] { return ended == 8; });
  CHECK(with->status().empty());
  owned.reset();
  CHECK(observed.expired());  // destroyed together with the closed connects, without a deadlock
}

TEST_CASE("connector: what it knows keeps no loop busy, unless it is to be kept fresh",
          "[connect][lifetime][fault-O10]") {
  outliving t(context_kind::loop);
  t.options.keep_fresh = GENERATE(0ms, 600000ms);
  CAPTURE(t.options.keep_fresh.count());
  t.make_handles();
  // IPv6 addresses without an answer, or no IPv6 addresses.
  const auto name = GENERATE("_one._tcp.example.com", "_x._tcp.example.com");
  CAPTURE(name);
  error_code ec = errc::unreachable;
  t.with->async_connect(query_for(name), [&](error_code e, const connection&) { ec = e; });
  const auto began = std::chrono::steady_clock::now();
  if (t.options.keep_fresh == 0ms) {
    t.io->run();
    CHECK_FALSE(ec);
    CHECK(std::chrono::steady_clock::now() - began < 5s);  // far less than DNS timeouts take
    return;
  }
  t.until([&] { return !ec; });
  t.io->run_for(300ms);
  CHECK_FALSE(t.io->stopped());
  t.with->close();
  t.io->run();
  CHECK(std::chrono::steady_clock::now() - began < 10s);
}

TEST_CASE("connection: empty, or given away with its endpoint's use, which counts as long as it is kept", "[connect]") {
  CHECK_FALSE(connection().has_socket());
  outliving t(context_kind::loop);
  t.make_handles();
  const auto in_flight = [&] {
    std::size_t sum = 0;
    const std::vector<service_status> all = t.with->status();
    for (const endpoint_status& e : all.at(0).endpoints) sum += e.stats.in_flight;
    return sum;
  };
  auto [ec, made] = t.connect("_x._tcp.example.com");
  REQUIRE_FALSE(ec);
  CHECK(in_flight() == 1);
  std::optional<std::pair<asio::ip::tcp::socket, std::optional<endpoint_use>>> parts = made.release();
  CHECK_FALSE(made.has_socket());
  CHECK_FALSE(made.use);
  CHECK(parts->first.is_open());
  CHECK(parts->second->where().port == made.where.port);
  made = connection();
  CHECK(in_flight() == 1);
  parts->second.reset();
  CHECK(in_flight() == 0);
}
