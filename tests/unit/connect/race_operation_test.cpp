// What performs the decisions of a connect: whose sockets, whose handlers, and news from outside.
#include "connect/race_operation.hpp"

#include "connect/ordered_race.hpp"
#include "unit/connect/listeners.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <memory>
#include <optional>
#include <utility>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using clock_type = std::chrono::steady_clock;

namespace {

/// Waits for what somebody else learns, then races: as a connect that has to ask DNS first.
class waiting_steps final : public connect_steps {
 public:
  explicit waiting_steps(time_point until) : until_(until) {}

  race::step learn(std::vector<endpoint> order, time_point now) {
    race_ = std::make_unique<ordered_race>(std::move(order), connect_options(), until_);
    return race_->start(now);
  }

  race::step start(time_point) override { return waiting(); }
  race::step on_connected(std::size_t c, time_point now) override { return race_->on_connected(c, now); }
  race::step on_failed(std::size_t c, error_code ec, time_point now) override { return race_->on_failed(c, ec, now); }
  race::step on_timer(time_point now) override {
    if (race_) return race_->on_timer(now);
    return now < until_ ? waiting() : stop(errc::query_timed_out, now);
  }
  race::step stop(error_code status, time_point now) override {
    if (race_) return race_->stop(status, now);
    status_ = status;
    race::step out;
    out.done = true;
    return out;
  }
  const race_candidate& candidate(std::size_t c) const override { return race_->candidate(c); }
  connect_conclusion conclude() override {
    if (race_) return race_->conclude();
    connect_conclusion out;
    out.status = status_;
    return out;
  }

 private:
  race::step waiting() const {
    race::step out;
    out.wake = until_;
    return out;
  }

  time_point until_;
  error_code status_;
  std::unique_ptr<ordered_race> race_;
};

struct performing {
  loop l;
  asio::io_context sockets;
  asio::cancellation_signal cancel;
  error_code ec;
  std::optional<connection> made;
  std::shared_ptr<race_operation> operation;

  void start(std::shared_ptr<connect_steps> machine, const asio::any_io_executor& of_sockets) {
    race_operation::completion_type done(asio::bind_cancellation_slot(cancel.slot(),
                                                                      [this](error_code e, connection c) {
                                                                        ec = e;
                                                                        made.emplace(std::move(c));
                                                                      }),
                                         l.io.get_executor());
    operation = std::make_shared<race_operation>(l.io.get_executor(), of_sockets, std::move(machine), std::move(done));
    operation->start();
    CHECK_FALSE(made.has_value());
  }
};

}  // namespace

TEST_CASE("race operation: the socket belongs to the executor named for it, and to no child process",
          "[connect][asio]") {
  loop listening;
  const listener live(listening, "127.0.0.11");
  performing p;
  p.start(std::make_shared<ordered_race>(std::vector{live.as_endpoint()}, connect_options(), clock_type::now() + 10s),
          p.sockets.get_executor());
  p.sockets.run_for(10s);
  CHECK_FALSE(p.made.has_value());  // no handler runs there
  p.l.until([&] { return p.made.has_value(); });
  CHECK_FALSE(p.ec);
  CHECK(p.made->socket.get_executor() == asio::any_io_executor(p.sockets.get_executor()));
  CHECK((::fcntl(p.made->socket.native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(p.made->socket.remote_endpoint() == live.at());
}

TEST_CASE("race operation: a machine that waits is told from outside, ends in time, and can be cancelled",
          "[connect][asio]") {
  loop listening;
  const listener live(listening, "127.0.0.11");
  performing p;
  SECTION("what it waited for comes") {
    const auto machine = std::make_shared<waiting_steps>(clock_type::now() + 10s);
    p.start(machine, p.l.io.get_executor());
    CHECK(p.l.io.poll() == 0);
    p.operation->perform(machine->learn({closed_endpoint(listening), live.as_endpoint()}, clock_type::now()));
    CHECK_FALSE(p.made.has_value());
    p.l.until([&] { return p.made.has_value(); });
    CHECK_FALSE(p.ec);
    CHECK(p.made->attempts.size() == 2);
    CHECK(p.made->where.port == live.port());
    race::step late;
    late.done = true;
    p.operation->perform(late);  // after the end: nothing
  }
  SECTION("nothing comes") {
    p.start(std::make_shared<waiting_steps>(clock_type::now() + 20ms), p.l.io.get_executor());
    p.l.until([&] { return p.made.has_value(); });
    CHECK(p.ec == errc::query_timed_out);
  }
  SECTION("it is cancelled") {
    p.start(std::make_shared<waiting_steps>(clock_type::now() + 10s), p.l.io.get_executor());
    p.cancel.emit(asio::cancellation_type::total);
    CHECK_FALSE(p.made.has_value());
    p.l.until([&] { return p.made.has_value(); });
    CHECK(p.ec == asio::error::operation_aborted);
  }
}
