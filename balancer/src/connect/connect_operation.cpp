#include "connect/connect_operation.hpp"

#include "sdconnect/balancer/selection.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>

#include <utility>

namespace sdconnect {
namespace {

namespace asio = boost::asio;

// RFC 8305 §3: connecting does not wait longer than this for the other address family.
constexpr std::chrono::milliseconds resolution_delay{50};

}  // namespace

connect_operation::connect_operation(resolver with, const connect_options& options,
                                     std::shared_ptr<random_engine> random, completion_type done)
    : resolver_(std::move(with)), options_(options), random_(std::move(random)), done_(std::move(done)) {}

void connect_operation::start(service_query query) {
  done_.on_cancel(shared_from_this());
  deadline_ = std::chrono::steady_clock::now() + query.timeout;
  query.want_ipv4 = query.want_ipv4 && options_.use_ipv4;
  query.want_ipv6 = query.want_ipv6 && options_.use_ipv6;
  if (!query.resolution_delay) query.resolution_delay = resolution_delay;
  resolver_.async_resolve(
      query, asio::bind_cancellation_slot(under_way_.slot(), [self = shared_from_this()](error_code ec, service found) {
        if (self->done_.is_pending()) self->on_resolved(ec, std::move(found));
      }));
}

void connect_operation::on_resolved(error_code ec, service found) {
  if (is_cancelled_) ec = asio::error::operation_aborted;
  if (ec) {
    connection nothing(resolver_.get_executor());
    nothing.found = std::move(found);
    return done_.post(ec, std::move(nothing));
  }
  std::vector<endpoint> order;
  for (const std::uint32_t index : selection_order(found.endpoints, options_.policy, *random_)) {
    order.push_back(found.endpoints[index]);
  }
  found_ = std::move(found);
  async_connect_in_order(
      resolver_.get_executor(), std::move(order), options_, deadline_,
      asio::bind_cancellation_slot(under_way_.slot(), [self = shared_from_this()](error_code failed, connection made) {
        if (!self->done_.is_pending()) return;
        made.found = std::move(self->found_);
        self->done_.post(failed, std::move(made));
      }));
}

// The part under way ends with operation_aborted, and its story is told as any other. A resolution that has ended,
// and whose result is on its way, cannot be told any more.
void connect_operation::cancel() {
  is_cancelled_ = true;
  under_way_.emit(asio::cancellation_type::terminal);
}

}  // namespace sdconnect
