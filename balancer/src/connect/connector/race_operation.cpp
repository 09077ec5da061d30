#include "connect/connector/race_operation.hpp"

#include "connect/connector/pure_options.hpp"
#include "connect/race/ordered_race.hpp"
#include "net/io/asio_endpoint.hpp"
#include "net/io/descriptor.hpp"
#include "sdconnect/connect/connector.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace sdconnect::detail {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Child processes would inherit the descriptor of Asio's own open().
error_code open(tcp::socket& socket, const tcp& protocol) {
  descriptor made(::socket(protocol.family(), SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
  if (made.get() < 0) return last_error();
  error_code ec;
  socket.assign(protocol, made.get(), ec);
  if (!ec) (void)made.release();
  return ec;
}

// Moves a socket from one context to another.
error_code hand_over(tcp::socket from, const tcp& protocol, const asio::any_io_executor& executor, connection& to) {
  try {
    tcp::socket made(executor);
    error_code ec;
    descriptor moved(from.release(ec));
    if (ec) return ec;
    made.assign(protocol, moved.get(), ec);
    if (ec) return ec;
    (void)moved.release();
    to = connection(std::move(made));
    return {};
  } catch (const boost::system::system_error& e) {  // no descriptors for a context
    return e.code();
  }
}

}  // namespace

race_operation::race_operation(const asio::any_io_executor& executor, asio::any_io_executor socket_executor,
                               completion_type done)
    : executor_(executor),
      socket_executor_(socket_executor != executor ? std::move(socket_executor) : asio::any_io_executor()),
      done_(std::move(done)),
      timer_(executor) {}

void race_operation::start() {
  done_.on_cancel(shared_from_this());
  handle({event::kind::start});
}

void race_operation::process(connect_steps& machine, const event& what, clock::time_point now) {
  if (!done_.is_pending()) return;
  if (const std::optional<race::step> next = tell(machine, what, now)) perform(machine, *next);
}

// Returns no step if the event was out of date.
std::optional<race::step> race_operation::tell(connect_steps& machine, const event& what, clock::time_point now) {
  switch (what.what) {
    case event::kind::start: return machine.start(now);
    case event::kind::cancel: return machine.stop(asio::error::operation_aborted, now);
    case event::kind::view: return on_view(now);
    case event::kind::time:
      // Re-arming cannot take back a handler that is already queued.
      if (now < timer_.expiry()) return std::nullopt;
      timer_.expires_at({});
      return machine.on_timer(now);
    case event::kind::answer: break;
  }
  if (!sockets_.contains(what.candidate)) return std::nullopt;
  if (!what.ec) return machine.on_connected(what.candidate, now);
  sockets_.erase(what.candidate);
  return machine.on_failed(what.candidate, what.ec, now);
}

void race_operation::perform(connect_steps& machine, const race::step& next) {
  for (const std::size_t candidate : next.abandon) sockets_.erase(candidate);
  if (next.done) return finish(machine);
  for (const std::size_t candidate : next.start) connect(machine.candidate(candidate), candidate);
  wait_until(next.wake);
}

// Every outcome comes back through the event loop, so that a failure here does not start the next
// attempt inside this call.
void race_operation::connect(const attempt_target& to, std::size_t candidate) {
  const auto report = [self = shared_from_this(), candidate](error_code ec) {
    self->handle({event::kind::answer, candidate, ec});
  };
  const auto at = asio_endpoint<tcp::endpoint>(to.address, to.port);
  tcp::socket& socket = sockets_.try_emplace(candidate, executor_).first->second;
  if (const error_code ec = open(socket, at.protocol())) {
    asio::post(executor_, [report, ec] { report(ec); });
    return;
  }
  socket.async_connect(at, report);
}

void race_operation::wait_until(clock::time_point when) {
  if (timer_.expiry() == when) return;
  timer_.expires_at(when);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec) self->handle({event::kind::time});
  });
}

void race_operation::finish(connect_steps& machine) {
  timer_.cancel();
  connect_conclusion concluded = machine.conclude();
  connection out;
  if (concluded.winner) {
    tcp::socket& won = sockets_.at(*concluded.winner);
    if (socket_executor_) {
      const tcp protocol = asio_endpoint<tcp::endpoint>(concluded.address, 0).protocol();
      concluded.status = hand_over(std::move(won), protocol, socket_executor_, out);
    } else {
      out = connection(std::move(won));
    }
  }
  if (out.has_socket()) {
    out.where = std::move(concluded.where);
    out.address = concluded.address;
    out.use = std::move(concluded.held);
  }
  out.attempts = std::move(concluded.attempts);
  out.first_attempt = concluded.first_attempt;
  out.restraint = concluded.restraint;
  out.untried = std::move(concluded.untried);
  sockets_.clear();
  end(concluded.status, std::move(out));
}

void race_operation::end(error_code status, connection out) {
  complete(out);
  socket_executor_ = {};  // its context may end before the last handler of this operation is destroyed
  done_.post(status, std::move(out));
}

lone_race_operation::lone_race_operation(const asio::any_io_executor& executor, asio::any_io_executor socket_executor,
                                         std::unique_ptr<connect_steps> machine, completion_type done)
    : race_operation(executor, std::move(socket_executor), std::move(done)), machine_(std::move(machine)) {}

void lone_race_operation::handle(const event& what) {
  const std::lock_guard lock(mutex_);
  process(*machine_, what, clock::now());
}

void start_connect_in_order(asio::any_io_executor executor, std::vector<endpoint> order, const connect_options& options,
                            std::chrono::steady_clock::time_point deadline,
                            asio::any_completion_handler<void(error_code, connection)> handler) {
  race_operation::completion_type done(std::move(handler), executor);
  auto machine = std::make_unique<ordered_race>(std::move(order), race_options_of(options, deadline));
  std::make_shared<lone_race_operation>(executor, options.socket_executor, std::move(machine), std::move(done))
      ->start();
}

}  // namespace sdconnect::detail
