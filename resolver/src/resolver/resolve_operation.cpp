#include "resolver/resolve_operation.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace sdconnect {

namespace asio = boost::asio;

resolve_operation::resolve_operation(std::shared_ptr<caching_client> client, const service_query& query,
                                     completion_type done)
    : client_(std::move(client)),
      resolution_(query, {}, boot_clock::now()),
      done_(std::move(done)),
      timer_(client_->get_executor()) {}

void resolve_operation::start() {
  done_.on_cancel(shared_from_this());
  resolution_.start(client_->table(), boot_clock::now());
  go_on();
}

void resolve_operation::on_lookup(lookup_table::id waiter, lookup answer) {
  if (!done_.is_pending()) return;
  resolution_.on_answer(client_->table(), waiter, std::move(answer), boot_clock::now());
  go_on();
}

void resolve_operation::go_on() {
  const std::shared_ptr<resolve_operation> self = shared_from_this();
  for (const lookup_table::id waiter : resolution_.take_new_waiters()) client_->route(waiter, self);
  if (resolution_.is_done()) return finish(lookup_table::leaving::satisfied, {});
  if (const auto when = resolution_.next_event(); timer_.expiry() != when) {
    timer_.expires_at(when);
    timer_.async_wait([self](error_code ec) {
      if (ec || !self->done_.is_pending()) return;
      self->resolution_.on_time(boot_clock::now());
      self->go_on();
    });
  }
  client_->perform();
}

void resolve_operation::cancel() {
  if (done_.is_pending()) finish(lookup_table::leaving::giving_up, asio::error::operation_aborted);
}

void resolve_operation::finish(lookup_table::leaving why, error_code if_unknown) {
  timer_.cancel();
  for (const lookup_table::id waiter : resolution_.leave(client_->table(), why, boot_clock::now())) {
    client_->forget(waiter);
  }
  walk::conclusion conclusion = resolution_.conclude(if_unknown ? if_unknown : errc::query_timed_out);
  if (if_unknown) conclusion.status = if_unknown;
  done_.post(conclusion.status, std::move(conclusion.found));
  client_->perform();
}

}  // namespace sdconnect
