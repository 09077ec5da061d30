#include "resolver/browse_operation.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace sdconnect {

namespace asio = boost::asio;

browse_operation::browse_operation(dns_client client, const name& owner, dns_client::clock::time_point deadline,
                                   completion_type done)
    : client_(std::move(client)), deadline_(deadline), done_(std::move(done)) {
  found_.query = owner;
}

void browse_operation::start() {
  done_.on_cancel(shared_from_this());
  ask(found_.query);
}

void browse_operation::ask(const name& owner) {
  client_.async_query({owner, rr_type::ptr}, deadline_,
                      asio::bind_cancellation_slot(under_way_.slot(),
                                                   [self = shared_from_this()](error_code status, query_result result) {
                                                     if (self->done_.is_pending())
                                                       self->on_result(status, std::move(result));
                                                   }));
}

void browse_operation::on_result(error_code status, query_result result) {
  if (!result.report.server.empty()) found_.server = result.report.server;
  found_.queries.push_back(std::move(result.report));
  const answer& a = result.answer;
  aliases_ += a.alias_count;
  if (status == errc::empty_answer && a.alias_count > 0) {
    if (aliases_ > max_aliases) return finish(errc::alias_loop);
    return ask(a.canonical);
  }
  if (status) return finish(status);

  std::vector<name> targets = std::get<std::vector<name>>(a.records);
  std::ranges::sort(targets, [](const name& x, const name& y) { return x < y; });
  // An instance counts once, however often it is listed (RFC 6763 §8).
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  for (const name& target : targets) found_.entries.push_back({target, a.ttl});
  finish({});
}

void browse_operation::cancel() {
  if (!done_.is_pending()) return;
  finish(asio::error::operation_aborted);
  under_way_.emit(asio::cancellation_type::terminal);
}

void browse_operation::finish(error_code status) { done_.post(status, std::move(found_)); }

}  // namespace sdconnect
