// Several threads use one client at the same time, as a program with a thread pool does.
#include "support/test_certificate.hpp"
#include "unit/transport/asking.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
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
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

namespace asio = boost::asio;

dns_client::clock::time_point in_time() { return dns_client::clock::now() + 30s; }

/// A name server in a separate thread, and the client options for querying it over one transport.
class server_in_thread {
 public:
  explicit server_in_thread(dns_transport over) {
    lab::name_server_options how;
    if (over == dns_transport::tls) {
      const certificate own = make_certificate("IP:127.0.0.1");
      how.tls = sdconnect::detail::tls_identity{.certificate_pem = own.certificate_pem, .key_pem = own.key_pem};
    }
    server_.emplace(io_.get_executor(), answers(), how);
    const name_server plain = remote(server_->endpoint());
    options.server_sets = {
        {name(), {over == dns_transport::tls ? name_server::over_tls(plain.address, {.opportunistic = true}) : plain}}};
    options.tcp_only = over == dns_transport::tcp;
    thread_ = std::thread([this] { io_.run(); });
  }
  server_in_thread(const server_in_thread&) = delete;
  ~server_in_thread() {
    io_.stop();
    thread_.join();
  }

  dns_client_options options;

 private:
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  std::optional<test::forging_server> server_;
  std::thread thread_;
};

struct tally {
  std::atomic<int> answered{0};
  std::atomic<int> cancelled{0};
  std::atomic<int> failed{0};

  void count(const error_code& ec) { ++(!ec ? answered : ec == asio::error::operation_aborted ? cancelled : failed); }
};

/// Asks one question after the other, from handlers on any thread of the client's executor.
struct unbound_user : std::enable_shared_from_this<unbound_user> {
  unbound_user(dns_client with, tally& to, int questions) : client(std::move(with)), counts(to), left(questions) {}

  void ask() {
    client.async_query(address_question(), in_time(), [self = shared_from_this()](error_code ec, const query_result&) {
      self->counts.count(ec);
      if (--self->left > 0) self->ask();
    });
  }

  dns_client client;
  tally& counts;
  int left;
};

/// Asks from its own strand, and cancels every third question there.
struct stranded_user : std::enable_shared_from_this<stranded_user> {
  stranded_user(dns_client with, tally& to, int questions)
      : client(std::move(with)), counts(to), left(questions), strand(asio::make_strand(client.get_executor())) {}

  void start() {
    asio::post(strand, [self = shared_from_this()] { self->ask(); });
  }
  void ask() {
    const auto done = [self = shared_from_this()](error_code ec, const query_result&) {
      self->counts.count(ec);
      if (--self->left > 0) self->ask();
    };
    client.async_query(address_question(), in_time(),
                       asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(strand, done)));
    if (left % 3 != 0) return;
    asio::post(strand, [self = shared_from_this()] { self->signal.emit(asio::cancellation_type::terminal); });
  }

  dns_client client;
  tally& counts;
  int left;
  asio::strand<asio::any_io_executor> strand;
  asio::cancellation_signal signal;
};

/// Typical code of a coroutine user: a question or a timer, whichever is first.
asio::awaitable<void> ask_with_timer(dns_client client, tally& counts, int questions) {
  using asio::experimental::awaitable_operators::operator||;
  const question asked = address_question();
  asio::steady_timer timer(co_await asio::this_coro::executor);
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  for (int i = 0; i < questions; ++i) {
    timer.expires_after(i % 4 == 0 ? 0ms : 30000ms);
    auto first = co_await (client.async_query(asked, in_time(), token) || timer.async_wait(token));
    if (first.index() == 0) {
      counts.count(std::get<0>(std::get<0>(first)));
    } else {
      ++counts.cancelled;
    }
  }
}

}  // namespace

TEST_CASE("dns client: questions, cancellations, statistics and new options in four threads at once",
          "[transport][threads]") {
  const auto over = GENERATE(dns_transport::udp, dns_transport::tcp, dns_transport::tls);
  CAPTURE(static_cast<int>(over));
  constexpr int users = 4, questions = 20;
  const server_in_thread server(over);
  tally counts;
  asio::thread_pool pool(4);
  dns_client client(pool.get_executor(), server.options);
  for (int i = 0; i < users; ++i) {
    asio::post(pool, [&] { std::make_shared<unbound_user>(client, counts, questions)->ask(); });
    std::make_shared<stranded_user>(client, counts, questions)->start();
    asio::co_spawn(asio::make_strand(pool), ask_with_timer(client, counts, questions), asio::detached);
  }
  constexpr int expected = 3 * users * questions;
  for (int i = 0; counts.answered + counts.cancelled + counts.failed < expected; ++i) {
    (void)client.statistics();
    if (i % 8 == 0) client.replace_options(server.options);
    if (i % 64 == 0) client.reset_connections();
    std::this_thread::sleep_for(1ms);  // leaves the processors to the four threads
  }
  pool.join();
  CHECK(counts.failed == 0);
  CHECK(counts.answered >= expected / 3);
  CHECK(client.statistics().in_flight == 0);
  CHECK(client.statistics().waiting == 0);
}

TEST_CASE("dns client: a handler that waits for another question holds nobody up", "[transport][threads]") {
  const server_in_thread server(dns_transport::udp);
  asio::thread_pool pool(2);
  dns_client client(pool.get_executor(), server.options);
  constexpr int questions = 50;
  std::atomic<int> answered{0};
  std::atomic<bool> has_waited{false};
  for (int i = 0; i < questions; ++i) {
    client.async_query(address_question(), in_time(), [&](error_code ec, const query_result&) {
      if (!ec) ++answered;
      if (has_waited.exchange(true)) return;
      // The other thread meanwhile handles all replies that arrived together with this one.
      std::future<query_result> other = client.async_query(address_question(), in_time(), asio::use_future);
      if (other.wait_for(20s) == std::future_status::ready && !other.get().report.status) ++answered;
    });
  }
  pool.join();
  CHECK(answered == questions + 1);
}

TEST_CASE("dns client: copies are made, used and destroyed in several threads", "[transport][threads][lifetime]") {
  const server_in_thread server(dns_transport::udp);
  asio::thread_pool pool(4);
  std::atomic<int> answered{0};
  std::optional<dns_client> client(std::in_place, pool.get_executor(), server.options);
  for (int i = 0; i < 32; ++i) {
    asio::post(pool, [&answered, copy = *client]() mutable {
      copy.async_query(address_question(), in_time(), [&answered, copy](error_code ec, const query_result&) {
        if (!ec) ++answered;
      });
    });
  }
  client.reset();
  pool.join();
  CHECK(answered == 32);
}
