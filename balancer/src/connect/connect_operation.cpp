#include "connect/connect_operation.hpp"

#include "connect/balanced_context.hpp"
#include "connect/race_operation.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace sdconnect {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

// RFC 8305 §3: connecting does not wait longer than this for the other address family.
constexpr std::chrono::milliseconds resolution_delay{50};

// As good as none, and can be added: max() is no limit (FAULTS O36).
constexpr std::chrono::milliseconds longest_timeout = std::chrono::hours(24 * 365);

}  // namespace

connect_operation::connect_operation(std::shared_ptr<connector_state> state, std::optional<std::uint64_t> key,
                                     completion_type done)
    : state_(std::move(state)), key_(key ? key : state_->options.key), done_(std::move(done)) {}

void connect_operation::start(service_query query) {
  done_.on_cancel(shared_from_this());
  query.timeout = std::min(query.timeout, longest_timeout);
  deadline_ = clock::now() + query.timeout;
  query = state_->narrowed(std::move(query));
  if (!query.resolution_delay) query.resolution_delay = resolution_delay;
  identity_.emplace(query);
  state_->find.async_resolve(
      query, asio::bind_cancellation_slot(under_way_.slot(), [self = shared_from_this()](error_code ec, service found) {
        if (self->done_.is_pending()) self->on_resolved(ec, std::move(found));
      }));
}

// What DNS does not answer leaves the endpoints as they are; what it says no to has left.
void connect_operation::on_resolved(error_code ec, service found) {
  const clock::time_point now = clock::now();
  if (ec == condition::absent || ec == errc::service_unavailable) state_->clear(*identity_, now);
  if (is_cancelled_) ec = asio::error::operation_aborted;
  if (ec) {
    connection nothing(state_->find.get_executor());
    nothing.found = std::move(found);
    return done_.post(ec, std::move(nothing));
  }
  found_ = std::move(found);
  race_for(state_->serve(*std::move(identity_), found_, now), now);
}

void connect_operation::race_for(const std::shared_ptr<served_service>& known, clock::time_point now) {
  const connect_options& options = state_->options.connecting;
  attempt_plan plan = known->plan(now, key_);
  race_operation::endpoint_order order{{}, plan.set};
  for (const std::uint32_t index : plan.order) order.endpoints.push_back(&(*plan.set)[index].where);
  auto candidates = race_candidates(
      order.endpoints, options.use_ipv4, options.use_ipv6,
      [&](const endpoint& e, const ip_address& a) { return known->addresses.failed_lately(e, a, now); });
  auto context = std::make_unique<balanced_context>(state_, known, std::move(plan));
  state_->on_request(now);

  const asio::any_io_executor executor = state_->find.get_executor();
  race_operation::completion_type done(
      asio::bind_cancellation_slot(under_way_.slot(),
                                   [self = shared_from_this()](error_code ec, connection made) {
                                     if (!self->done_.is_pending()) return;
                                     made.found = std::move(self->found_);
                                     self->done_.post(ec, std::move(made));
                                   }),
      executor);
  std::make_shared<race_operation>(executor, std::move(order), std::move(candidates), std::move(context), options,
                                   deadline_, std::move(done))
      ->start();
}

// The part under way ends with operation_aborted, and its story is told as any other. A resolution that has ended,
// and whose result is on its way, cannot be told any more.
void connect_operation::cancel() {
  is_cancelled_ = true;
  under_way_.emit(asio::cancellation_type::terminal);
}

}  // namespace sdconnect
