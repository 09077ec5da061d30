#include "net/io/context_bound.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

namespace asio = boost::asio;

/// A handle that holds a timer, its executor and an object whose release a test checks.
struct handle final : context_bound {
  explicit handle(const asio::any_io_executor& executor) : timer(std::in_place, executor) {}

  static std::shared_ptr<handle> on(const asio::any_io_executor& executor) {
    auto made = std::make_shared<handle>(executor);
    made->bind(executor, made);
    return made;
  }

  void on_context_shutdown() noexcept override {
    ++shutdowns;
    timer.reset();
    if (also) also();
  }

  std::optional<asio::steady_timer> timer;
  int shutdowns = 0;
  std::function<void()> also;
};

}  // namespace

TEST_CASE("context bound: what outlives its context drops its I/O objects at the shutdown", "[transport][lifetime]") {
  std::shared_ptr<handle> kept;
  SECTION("io_context") {
    asio::io_context io;
    kept = handle::on(io.get_executor());
  }
  SECTION("a strand of it") {
    asio::io_context io;
    kept = handle::on(asio::make_strand(io));
  }
  SECTION("thread_pool") {
    asio::thread_pool pool(1);
    kept = handle::on(pool.get_executor());
  }
  SECTION("with an operation under way") {
    asio::io_context io;
    kept = handle::on(io.get_executor());
    kept->timer->expires_after(std::chrono::hours(1));
    kept->timer->async_wait([kept](boost::system::error_code) { FAIL("called"); });
  }
  CHECK(kept->shutdowns == 1);
  CHECK(kept.use_count() == 1);
}

TEST_CASE("context bound: what is destroyed before its context is not told", "[transport][lifetime]") {
  asio::io_context io;
  std::vector<std::shared_ptr<handle>> some;
  for (int i = 0; i < 4; ++i) some.push_back(handle::on(io.get_executor()));
  some.erase(some.begin() + 2);
  some.erase(some.begin());
  some.pop_back();
  some.push_back(handle::on(io.get_executor()));
  CHECK(some.front()->shutdowns == 0);
}

TEST_CASE("context bound: system_executor lives till the end of the program", "[transport][lifetime]") {
  CHECK(handle::on(asio::system_executor())->shutdowns == 0);
}

TEST_CASE("context bound: a shutdown may destroy the object itself and others", "[transport][lifetime]") {
  std::optional<asio::io_context> io(std::in_place);
  std::vector<std::shared_ptr<handle>> some;
  int shutdowns = 0;
  for (int i = 0; i < 3; ++i) {
    some.push_back(handle::on(io->get_executor()));
    some.back()->also = [&] {
      ++shutdowns;
      some.clear();
    };
  }
  io.reset();
  CHECK(shutdowns == 1);
}

TEST_CASE("context bound: handles come and go in several threads while the context ends",
          "[transport][lifetime][threads]") {
  std::optional<asio::io_context> io(std::in_place);
  std::vector<std::shared_ptr<handle>> kept[2];
  for (auto& of_thread : kept) {
    for (int i = 0; i < 200; ++i) of_thread.push_back(handle::on(io->get_executor()));
  }
  std::atomic<bool> go{false};
  std::vector<std::thread> threads;
  for (auto& of_thread : kept) {
    threads.emplace_back([&] {
      while (!go) std::this_thread::yield();
      while (!of_thread.empty()) of_thread.pop_back();
    });
  }
  go = true;
  io.reset();
  for (std::thread& each : threads) each.join();
}

TEST_CASE("context bound: handles are made and destroyed in several threads", "[transport][lifetime][threads]") {
  asio::io_context io;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int made = 0; made < 200; ++made) (void)handle::on(io.get_executor());
    });
  }
  for (std::thread& each : threads) each.join();
}
