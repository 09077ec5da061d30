#include "resolver/browse_operation.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace sdconnect {

namespace asio = boost::asio;

browse_operation::browse_operation(std::shared_ptr<caching_client> client, const name& owner,
                                   boot_clock::time_point deadline, completion_type done)
    : client_(std::move(client)), deadline_(deadline), done_(std::move(done)), timer_(client_->get_executor()) {
  found_.query = owner;
}

void browse_operation::start() {
  const std::shared_ptr<browse_operation> self = shared_from_this();
  done_.on_cancel(self);
  ask(found_.query);
  if (!done_.is_pending()) return;
  timer_.expires_at(deadline_ + lookup_grace);
  timer_.async_wait([self](error_code ec) {
    if (!ec && self->done_.is_pending()) self->finish(errc::query_timed_out);
  });
}

void browse_operation::ask(name owner) {
  lookup_table::asked asked =
      client_->table().ask({std::move(owner), rr_type::ptr}, deadline_, lookup_table::mode::normal, boot_clock::now());
  if (asked.answer) return on_lookup(0, *std::move(asked.answer));
  waiter_ = asked.waiter;
  client_->route(waiter_, weak_from_this());
  client_->perform();
}

void browse_operation::on_lookup(lookup_table::id, lookup result) {
  if (!done_.is_pending()) return;
  if (!result.report.server.empty()) found_.server = result.report.server;
  found_.queries.push_back(std::move(result.report));
  found_.stale = found_.stale || result.stale;
  if (!result.data) return finish(result.status);
  const answer& a = *result.data;
  is_authenticated_ = is_authenticated_ && a.authenticated;
  aliases_ += a.alias_count;
  if (result.status == errc::empty_answer && a.alias_count > 0) {
    if (aliases_ > max_aliases) return finish(errc::alias_loop);
    return ask(a.canonical);
  }
  found_.authenticated = is_authenticated_;
  if (result.status) return finish(result.status);

  std::vector<name> targets = std::get<std::vector<name>>(a.records);
  std::ranges::sort(targets, [](const name& x, const name& y) { return x < y; });
  // An instance counts once, however often it is listed (RFC 6763 §8).
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  for (const name& target : targets) found_.entries.push_back({target, result.ttl});
  finish({});
}

void browse_operation::cancel() {
  if (done_.is_pending()) finish(asio::error::operation_aborted);
}

void browse_operation::finish(error_code status) {
  const std::shared_ptr<browse_operation> self = shared_from_this();
  timer_.cancel();
  if (waiter_ != 0) {
    client_->table().leave(waiter_, lookup_table::leaving::giving_up, boot_clock::now());
    client_->forget(waiter_);
  }
  done_.post(status, std::move(found_));
  client_->perform();
}

}  // namespace sdconnect
