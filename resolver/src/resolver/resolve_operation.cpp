#include "resolver/resolve_operation.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>

#include <utility>

namespace sdconnect {

namespace asio = boost::asio;

resolve_operation::resolve_operation(dns_client client, const service_query& query, completion_type done)
    : client_(std::move(client)),
      walk_(query),
      deadline_(clock::now() + query.timeout),
      done_(std::move(done)),
      timer_(client_.get_executor()) {}

void resolve_operation::start() {
  done_.on_cancel(shared_from_this());
  perform(walk_.start());
}

void resolve_operation::perform(walk::step next) {
  if (next.done) return finish({});
  // Questions under way end at the deadline by themselves and report what they tried; new ones would come too late.
  if (clock::now() < deadline_) {
    for (const question& q : next.ask) ask(q);
    if (next.finish_at) finish_at(*next.finish_at);
  }
  if (under_way_.empty()) finish(errc::timed_out);
}

void resolve_operation::ask(const question& q) {
  const auto signal = under_way_.emplace(under_way_.end());
  client_.async_query(q, deadline_,
                      asio::bind_cancellation_slot(
                          signal->slot(), [self = shared_from_this(), signal, q](error_code, query_result result) {
                            self->under_way_.erase(signal);
                            if (!self->done_.is_pending()) return;
                            self->perform(self->walk_.on_result(q, std::move(result), clock::now()));
                          }));
}

void resolve_operation::finish_at(clock::time_point when) {
  if (timer_.expiry() == when) return;
  timer_.expires_at(when);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && self->done_.is_pending()) self->finish({});
  });
}

void resolve_operation::cancel() {
  if (done_.is_pending()) finish(asio::error::operation_aborted);
}

void resolve_operation::finish(error_code if_unknown) {
  timer_.cancel();
  walk::conclusion conclusion = walk_.finish(if_unknown ? if_unknown : errc::timed_out);
  if (if_unknown == asio::error::operation_aborted) conclusion.status = if_unknown;
  done_.post(conclusion.status, std::move(conclusion.found));
  for (asio::cancellation_signal& signal : under_way_) signal.emit(asio::cancellation_type::terminal);
}

}  // namespace sdconnect
