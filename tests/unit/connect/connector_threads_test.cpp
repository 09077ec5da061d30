// Several threads use one connector at the same time, as a program with a thread pool does.
#include "sdconnect/connect/connector.hpp"
#include "sdconnect/resolver/service_watcher.hpp"
#include "unit/connect/served_in_thread.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

struct tally {
  std::atomic<int> made{0};
  std::atomic<int> cancelled{0};
  std::atomic<int> failed{0};

  void count(const error_code& ec) { ++(!ec ? made : ec == asio::error::operation_aborted ? cancelled : failed); }
  [[nodiscard]] int all() const { return made + cancelled + failed; }
};

/// Four threads: a pool, or a loop that they run.
class four_threads {
 public:
  explicit four_threads(bool is_pool) {
    if (is_pool) {
      pool_.emplace(4);
      return;
    }
    io_.emplace(4);
    work_.emplace(io_->get_executor());
    for (int i = 0; i < 4; ++i) threads_.emplace_back([this] { io_->run(); });
  }
  four_threads(const four_threads&) = delete;
  ~four_threads() { join(); }

  [[nodiscard]] asio::any_io_executor executor() {
    if (pool_) return pool_->get_executor();
    return io_->get_executor();
  }
  /// Waits until no work is left.
  void join() {
    if (pool_) pool_->join();
    work_.reset();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::optional<asio::thread_pool> pool_;
  std::optional<asio::io_context> io_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::vector<std::thread> threads_;
};

/// Typical code of a coroutine user: a connection or a timer, whichever is first. Many timers
/// expire during the connect.
asio::awaitable<void> connect_with_timer(connector with, tally& counts, int connects) {
  using asio::experimental::awaitable_operators::operator||;
  const service_query query = query_for("_x._tcp.example.com");
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (int i = 0; i < connects; ++i) {
    if (i % 2 == 0) {
      timer.expires_after(30s);
    } else {
      timer.expires_after(i * 131 % 3000 * 1us);
    }
    std::variant<connection, std::monostate> first =
        co_await (with.async_connect(query, asio::use_awaitable) || timer.async_wait(asio::use_awaitable));
    const connection* const made = std::get_if<connection>(&first);
    counts.count(made == nullptr      ? error_code(asio::error::operation_aborted)
                 : made->has_socket() ? error_code()
                                      : error_code(errc::unreachable));
  }
}

/// Connects and resolves alternately, from handlers on any thread of the executor.
struct unbound_user : std::enable_shared_from_this<unbound_user> {
  unbound_user(connector c, resolver r, tally& to, int count)
      : with(std::move(c)), find(std::move(r)), counts(to), left(count) {}

  void go_on(error_code ec) {
    counts.count(ec);
    if (--left > 0) ask();
  }
  void ask() {
    if (left % 2 == 0) {
      with.async_connect(query, [self = shared_from_this()](error_code ec, const connection&) { self->go_on(ec); });
    } else {
      find.async_resolve(query, [self = shared_from_this()](error_code ec, const service&) { self->go_on(ec); });
    }
  }

  const service_query query = query_for("_x._tcp.example.com");
  connector with;
  resolver find;
  tally& counts;
  int left;
};

/// Calls all functions that need no executor, from a separate thread.
void use_synchronously(connector& with, resolver& find, int i) {
  (void)with.status();
  (void)find.statistics();
  const auto balance = with.find_balancer(query_for("_x._tcp.example.com"));
  if (balance) (void)balance->status();
  if (i % 4 == 0) find.clear_cache();
  if (i % 8 == 0) with.reset_health();
  connector copy = with;
  if (i % 4 != 2) return;
  service_watcher watcher(find, query_for("_x._tcp.example.com"));
  (void)watcher.current();
  watcher.async_next([copy](error_code, const watch_update&) {});
  if (i % 8 == 2) watcher.close();
}

}  // namespace

TEST_CASE("connector: connects, cancellations, watchers and all else in four threads at once",
          "[connect][threads][fault-X36]") {
  constexpr int users = 6, connects = 40;
  const served_in_thread served;
  const bool is_pool = GENERATE(true, false);
  connector_options options;
  options.keep_fresh = GENERATE(0ms, 50ms);
  CAPTURE(is_pool, options.keep_fresh.count());
  tally counts;
  four_threads threads(is_pool);
  resolver find(dns_client(threads.executor(), served.asked()));
  connector with(find, options);
  for (int i = 0; i < users; ++i) {
    // A separate strand: both halves of `||` cancel each other.
    asio::co_spawn(asio::make_strand(threads.executor()), connect_with_timer(with, counts, connects), asio::detached);
    asio::post(threads.executor(), [&] { std::make_shared<unbound_user>(with, find, counts, connects)->ask(); });
  }
  std::thread other([&] {
    for (int i = 0; counts.all() < 2 * users * connects; ++i) {
      use_synchronously(with, find, i);
      std::this_thread::yield();
    }
  });
  for (int i = 0; counts.all() < 2 * users * connects; ++i) {
    use_synchronously(with, find, i + 1);
    std::this_thread::yield();
  }
  other.join();
  CHECK(counts.failed == 0);
  CHECK(counts.made >= users * connects);
  CHECK(counts.cancelled > 0);

  // Closes the connector while connects wait for DNS and others begin.
  std::atomic<int> closed{0};
  for (int i = 0; i < 8; ++i) {
    asio::post(threads.executor(), [&] {
      connector(with).async_connect(query_for("_y._tcp.example.com"), [&](error_code ec, const connection&) {
        if (ec == asio::error::operation_aborted) ++closed;
      });
    });
  }
  with.close();
  threads.join();
  CHECK(closed == 8);
  CHECK(with.status().empty());
}

TEST_CASE("connector: a policy of the user's may ask it what it likes, from four threads at once",
          "[connect][threads]") {
  constexpr int users = 4, connects = 25;
  const served_in_thread served;
  tally counts;
  std::optional<resolver> find;
  std::optional<connector> with;
  std::atomic<int> asked{0};
  connector_options options;
  options.balancing.custom = [&](std::span<const policy_candidate> usable, random_engine& random,
                                 std::optional<std::uint64_t>) {
    ++asked;
    (void)with->status();
    (void)find->statistics();
    if (asked % 8 == 0) find->clear_cache();
    if (asked % 16 == 0) with->reset_health();
    return std::size_t{random()} % usable.size();
  };
  four_threads threads(true);
  find.emplace(dns_client(threads.executor(), served.asked()));
  with.emplace(*find, options);
  for (int i = 0; i < users; ++i) {
    asio::co_spawn(asio::make_strand(threads.executor()), connect_with_timer(*with, counts, connects), asio::detached);
  }
  while (counts.all() < users * connects) {
    (void)with->status();
    std::this_thread::yield();
  }
  threads.join();
  CHECK(counts.failed == 0);
  CHECK(asked >= counts.made);
}

TEST_CASE("connector: the deadline holds when it comes while a policy chooses", "[connect][threads]") {
  const served_in_thread served;
  asio::thread_pool pool(2);
  const auto began = std::chrono::steady_clock::now();
  connector_options options;
  options.connecting.attempt_timeout = 60s;
  options.connecting.attempt_delay = 10ms;  // the second attempt begins at once and leaves the timer unchanged
  // Takes long to process a late DNS answer.
  options.balancing.custom = [=](std::span<const policy_candidate>, random_engine&, std::optional<std::uint64_t>) {
    const auto now = [] { return std::chrono::steady_clock::now(); };
    if (now() > began + 180ms) {
      while (now() < began + 1200ms) std::this_thread::yield();
    }
    return std::size_t{0};
  };
  connector with(resolver(dns_client(pool.get_executor(), served.asked())), options);
  error_code ec;
  std::promise<void> ended;
  with.async_connect(query_for("_late._tcp.example.com", 1s), [&](error_code e, const connection&) {
    ec = e;
    ended.set_value();
  });
  const bool is_ended = ended.get_future().wait_for(20s) == std::future_status::ready;
  CHECK(is_ended);
  if (!is_ended) with.close();
  pool.join();
  CHECK(ec == errc::unreachable);
}

TEST_CASE("connector: a completion that waits for another connect holds nobody up", "[connect][threads]") {
  const served_in_thread served;
  asio::thread_pool pool(2);
  connector with{resolver(dns_client(pool.get_executor(), served.asked()))};
  std::atomic<bool> done{false};
  const service_query query = query_for("_x._tcp.example.com");
  with.async_connect(query, [&](error_code ec, const connection&) {
    std::future<connection> other = with.async_connect(query, asio::use_future);
    done = !ec && other.wait_for(20s) == std::future_status::ready && other.get().has_socket();
  });
  pool.join();
  CHECK(done);
}

TEST_CASE("service watcher: made, asked, moved and destroyed in several threads", "[resolver][threads]") {
  const served_in_thread served;
  asio::thread_pool pool(4);
  const resolver find(dns_client(pool.get_executor(), served.asked()));
  std::atomic<int> updates{0};
  for (int i = 0; i < 64; ++i) {
    asio::post(pool, [&, i] {
      const auto watcher = std::make_shared<service_watcher>(find, query_for("_x._tcp.example.com"));
      const auto count = [&updates](error_code ec, const watch_update&) {
        if (!ec || ec == asio::error::operation_aborted) ++updates;
      };
      if (i % 4 != 0) {  // the handler owns it
        watcher->async_next([count, watcher](error_code ec, const watch_update& u) { count(ec, u); });
        return;
      }
      watcher->async_next(count);
      service_watcher moved = std::move(*watcher);
      if (i % 8 == 0) moved.close();
    });
  }
  pool.join();
  CHECK(updates == 64);
}
