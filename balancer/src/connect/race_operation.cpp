#include "connect/race_operation.hpp"

#include "transport/asio_endpoint.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace sdconnect {

namespace asio = boost::asio;

race_operation::race_operation(asio::any_io_executor executor, endpoint_order order,
                               std::vector<race_candidate> candidates, std::unique_ptr<race_context> context,
                               const connect_options& options, clock::time_point deadline, completion_type done)
    : executor_(std::move(executor)),
      order_(std::move(order)),
      context_(std::move(context)),
      race_(std::move(candidates), {options.attempt_delay, options.attempt_timeout, deadline, options.hedge_delay},
            *context_),
      done_(std::move(done)),
      timer_(executor_) {}

void race_operation::start() {
  done_.on_cancel(shared_from_this());
  perform(race_.start(clock::now()));
}

void race_operation::perform(const race::step& next) {
  for (const std::size_t candidate : next.abandon) sockets_.erase(candidate);
  if (next.done) return finish();
  for (const std::size_t candidate : next.start) connect(candidate);
  wait_until(next.wake);
}

// Every outcome comes back through the event loop, so that a failure here does not start the next attempt inside this
// one.
void race_operation::connect(std::size_t candidate) {
  const auto report = [self = shared_from_this(), candidate](error_code ec) {
    if (!self->done_.is_pending() || !self->sockets_.contains(candidate)) return;
    const clock::time_point now = clock::now();
    if (!ec) return self->perform(self->race_.on_connected(candidate, now));
    self->sockets_.erase(candidate);
    self->perform(self->race_.on_failed(candidate, ec, now));
  };
  const asio::ip::tcp::endpoint to =
      asio_endpoint<asio::ip::tcp::endpoint>(race_.candidate(candidate).address, race_.candidate(candidate).port);
  asio::ip::tcp::socket& socket = sockets_.try_emplace(candidate, executor_).first->second;
  error_code ec;
  socket.open(to.protocol(), ec);
  if (ec) {
    asio::post(executor_, [report, ec] { report(ec); });
    return;
  }
  socket.async_connect(to, report);
}

void race_operation::wait_until(clock::time_point when) {
  if (timer_.expiry() == when) return;
  timer_.expires_at(when);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    // Re-arming cannot take back a handler that is already queued.
    if (ec || !self->done_.is_pending() || clock::now() < self->timer_.expiry()) return;
    self->timer_.expires_at({});
    self->perform(self->race_.on_timer(clock::now()));
  });
}

void race_operation::cancel() {
  if (!done_.is_pending()) return;
  perform(race_.stop(asio::error::operation_aborted, clock::now()));
}

void race_operation::finish() {
  timer_.cancel();
  connection out(executor_);
  out.attempts = story();
  if (const std::optional<std::size_t> winner = race_.winner()) {
    const race_candidate& candidate = race_.candidate(*winner);
    out.socket = std::move(sockets_.at(*winner));
    out.where = *order_.endpoints[candidate.endpoint];
    out.address = candidate.address;
    out.lease = context_->take_lease(candidate.endpoint);
  }
  out.restraint = race_.restraint();
  sockets_.clear();
  done_.post(race_.status(), std::move(out));
}

std::vector<connect_attempt> race_operation::story() const {
  std::vector<connect_attempt> out;
  for (const race::attempt& a : race_.attempts()) {
    const race_candidate& candidate = race_.candidate(a.candidate);
    const auto since_first =
        std::chrono::duration_cast<std::chrono::microseconds>(a.started - race_.attempts().front().started);
    out.push_back({candidate.endpoint, order_.endpoints[candidate.endpoint]->target, candidate.address, candidate.port,
                   candidate.priority, since_first, a.elapsed, a.result});
  }
  return out;
}

namespace detail {

void start_connect_in_order(asio::any_io_executor executor, std::vector<endpoint> order, const connect_options& options,
                            std::chrono::steady_clock::time_point deadline,
                            asio::any_completion_handler<void(error_code, connection)> handler) {
  race_operation::completion_type done(std::move(handler), executor);
  const auto owner = std::make_shared<const std::vector<endpoint>>(std::move(order));
  race_operation::endpoint_order kept{{}, owner};
  for (const endpoint& e : *owner) kept.endpoints.push_back(&e);
  auto candidates = race_candidates(kept.endpoints, options.use_ipv4, options.use_ipv6);
  std::make_shared<race_operation>(std::move(executor), std::move(kept), std::move(candidates),
                                   std::make_unique<race_context>(), options, deadline, std::move(done))
      ->start();
}

}  // namespace detail
}  // namespace sdconnect
