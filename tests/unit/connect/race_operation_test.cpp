// The operation that performs the decisions of a connect: its sockets, its handlers, and updates
// from outside.
#include "connect/connector/race_operation.hpp"

#include "connect/connector/pure_options.hpp"
#include "connect/race/ordered_race.hpp"
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
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using clock_type = std::chrono::steady_clock;

namespace {

/// Waits without any event, like a connect whose DNS is silent.
class waiting_steps final : public connect_steps {
 public:
  explicit waiting_steps(time_point until) : until_(until) {}

  race::step start(time_point) override { return waiting(); }
  race::step on_connected(std::size_t, time_point) override { return waiting(); }
  race::step on_failed(std::size_t, error_code, time_point) override { return waiting(); }
  race::step on_timer(time_point now) override { return now < until_ ? waiting() : stop(errc::query_timed_out, now); }
  race::step stop(error_code status, time_point) override {
    status_ = status;
    race::step out;
    out.done = true;
    return out;
  }
  const attempt_target& candidate(std::size_t) const override { return nobody_; }
  connect_conclusion conclude() override {
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
  attempt_target nobody_;
};

struct performing {
  loop l;
  asio::io_context sockets;
  asio::cancellation_signal cancel;
  error_code ec;
  std::optional<connection> made;

  void start(std::unique_ptr<connect_steps> machine, const asio::any_io_executor& of_sockets) {
    race_operation::completion_type done(asio::bind_cancellation_slot(cancel.slot(),
                                                                      [this](error_code e, connection c) {
                                                                        ec = e;
                                                                        made.emplace(std::move(c));
                                                                      }),
                                         l.io.get_executor());
    std::make_shared<lone_race_operation>(l.io.get_executor(), of_sockets, std::move(machine), std::move(done))
        ->start();
    CHECK_FALSE(made.has_value());
  }
};

}  // namespace

TEST_CASE("race operation: the socket belongs to the executor named for it, and to no child process",
          "[connect][asio]") {
  loop listening;
  const listener live(listening, "127.0.0.11");
  performing p;
  p.start(std::make_unique<ordered_race>(std::vector{live.as_endpoint()},
                                         race_options_of(connect_options(), clock_type::now() + 10s)),
          p.sockets.get_executor());
  p.sockets.run_for(10s);
  CHECK_FALSE(p.made.has_value());  // no handler runs there
  p.l.until([&] { return p.made.has_value(); });
  CHECK_FALSE(p.ec);
  CHECK(p.made->socket().get_executor() == asio::any_io_executor(p.sockets.get_executor()));
  CHECK((::fcntl(p.made->socket().native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(p.made->socket().remote_endpoint() == live.at());
}

TEST_CASE("race operation: a machine that waits ends in time, and can be cancelled", "[connect][asio]") {
  performing p;
  SECTION("nothing comes") {
    p.start(std::make_unique<waiting_steps>(clock_type::now() + 20ms), p.l.io.get_executor());
    p.l.until([&] { return p.made.has_value(); });
    CHECK(p.ec == errc::query_timed_out);
  }
  SECTION("it is cancelled") {
    p.start(std::make_unique<waiting_steps>(clock_type::now() + 10s), p.l.io.get_executor());
    p.cancel.emit(asio::cancellation_type::total);
    CHECK_FALSE(p.made.has_value());
    p.l.until([&] { return p.made.has_value(); });
    CHECK(p.ec == asio::error::operation_aborted);
  }
}
