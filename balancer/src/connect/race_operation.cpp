#include "connect/race_operation.hpp"

#include "connect/ordered_race.hpp"
#include "sdconnect/connect/connector.hpp"
#include "transport/asio_endpoint.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace sdconnect {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Asio's own open() leaves the descriptor to child processes.
error_code open(tcp::socket& socket, const tcp& protocol) {
  const int made = ::socket(protocol.family(), SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  if (made < 0) return {errno, boost::system::system_category()};
  error_code ec;
  socket.assign(protocol, made, ec);
  if (ec) ::close(made);
  return ec;
}

}  // namespace

race_operation::race_operation(asio::any_io_executor executor, asio::any_io_executor socket_executor,
                               std::shared_ptr<connect_steps> machine, completion_type done)
    : executor_(std::move(executor)),
      socket_executor_(std::move(socket_executor)),
      machine_(std::move(machine)),
      done_(std::move(done)),
      timer_(executor_) {}

void race_operation::start() {
  done_.on_cancel(shared_from_this());
  on_event(
      [](connect_steps& machine, clock::time_point now) -> std::optional<race::step> { return machine.start(now); });
}

void race_operation::cancel() {
  on_event([](connect_steps& machine, clock::time_point now) -> std::optional<race::step> {
    return machine.stop(asio::error::operation_aborted, now);
  });
}

void race_operation::perform(const race::step& next) {
  if (!done_.is_pending()) return;
  for (const std::size_t candidate : next.abandon) sockets_.erase(candidate);
  if (next.done) return finish();
  for (const std::size_t candidate : next.start) connect(candidate);
  wait_until(next.wake);
}

// Every outcome comes back through the event loop, so that a failure here does not start the next attempt inside this
// one.
void race_operation::connect(std::size_t candidate) {
  const auto report = [self = shared_from_this(), candidate](error_code ec) { self->on_answer(candidate, ec); };
  const race_candidate& to = machine_->candidate(candidate);
  const auto at = asio_endpoint<tcp::endpoint>(to.address, to.port);
  tcp::socket& socket = sockets_.try_emplace(candidate, socket_executor_).first->second;
  if (const error_code ec = open(socket, at.protocol())) {
    asio::post(executor_, [report, ec] { report(ec); });
    return;
  }
  socket.async_connect(at, asio::bind_executor(executor_, report));
}

void race_operation::on_answer(std::size_t candidate, error_code ec) {
  on_event([&](connect_steps& machine, clock::time_point now) -> std::optional<race::step> {
    if (!sockets_.contains(candidate)) return std::nullopt;
    if (!ec) return machine.on_connected(candidate, now);
    sockets_.erase(candidate);
    return machine.on_failed(candidate, ec, now);
  });
}

void race_operation::wait_until(clock::time_point when) {
  if (timer_.expiry() == when) return;
  timer_.expires_at(when);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    self->on_event([&](connect_steps& machine, clock::time_point now) -> std::optional<race::step> {
      // Re-arming cannot take back a handler that is already queued.
      if (ec || now < self->timer_.expiry()) return std::nullopt;
      self->timer_.expires_at({});
      return machine.on_timer(now);
    });
  });
}

void race_operation::finish() {
  timer_.cancel();
  connect_conclusion end = machine_->conclude();
  connection out(socket_executor_);
  if (end.winner) {
    out.socket = std::move(sockets_.at(*end.winner));
    out.where = std::move(end.where);
    out.address = end.address;
    out.lease = std::move(end.held);
  }
  out.attempts = std::move(end.attempts);
  out.restraint = end.restraint;
  sockets_.clear();
  done_.post(end.status, std::move(out));
}

namespace detail {

void start_connect_in_order(asio::any_io_executor executor, std::vector<endpoint> order, const connect_options& options,
                            std::chrono::steady_clock::time_point deadline,
                            asio::any_completion_handler<void(error_code, connection)> handler) {
  race_operation::completion_type done(std::move(handler), executor);
  auto machine = std::make_shared<ordered_race>(std::move(order), options, deadline);
  std::make_shared<race_operation>(executor, executor, std::move(machine), std::move(done))->start();
}

}  // namespace detail
}  // namespace sdconnect
