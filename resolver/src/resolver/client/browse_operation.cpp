#include "resolver/client/browse_operation.hpp"

#include "net/base/saturating.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace sdconnect::detail {

namespace {

// RFC 6763 §9 lists types, §11 domains, everything else instances.
std::string_view kind_of(const name& owner) {
  if (owner.label_count() < 3) return "service instance";
  auto label = owner.labels().begin();
  const std::string_view kind = *label;
  const std::string_view subject = *++label;
  const std::string_view transport = *++label;
  if (!equal_ignoring_case(subject, "_dns-sd") || !equal_ignoring_case(transport, "_udp")) return "service instance";
  return equal_ignoring_case(kind, "_services") ? "service type" : "domain";
}

}  // namespace

browse_operation::browse_operation(std::shared_ptr<caching_client> client, const name& owner, completion_type done)
    : client_(std::move(client)), done_(std::move(done)) {
  found_.query = owner;
}

// Still pending only if the context ends first.
browse_operation::~browse_operation() {
  if (!router_) return;
  const caching_client::turn mine(client_);
  let_go();
}

void browse_operation::start(std::chrono::milliseconds timeout) {
  done_.on_cancel(shared_from_this());
  caching_client::turn mine(client_);
  client_->keep(shared_from_this());
  router_ = &mine.router();
  deadline_ = later(mine.now(), timeout);
  ask(mine.router(), found_.query, mine.now());
  if (const time_point end = later(deadline_, lookup_grace); router_ && end != time_point::max()) {
    router_->wake_at(*this, end);
  }
}

void browse_operation::ask(lookup_router& router, name owner, time_point now) {
  lookup_table::asked asked =
      router.ask({std::move(owner), rr_type::ptr}, deadline_, lookup_router::mode::normal, *this, now);
  if (asked.answer) return on_lookup(0, *std::move(asked.answer), now);
  waiter_ = asked.waiter;
}

void browse_operation::on_lookup(lookup_table::id, lookup result, time_point now) {
  waiter_.reset();
  if (!result.report.server.empty()) found_.server = result.report.server;
  found_.queries.push_back(std::move(result.report));
  found_.stale = found_.stale || result.stale;
  if (!result.data) return finish(result.status);
  const answer& a = *result.data;
  is_authenticated_ = is_authenticated_ && a.authenticated;
  aliases_ += a.alias_count;
  if (result.status == errc::empty_answer && a.alias_count > 0) {
    if (aliases_ > max_aliases) return finish(errc::alias_loop);
    return ask(*router_, a.canonical, now);
  }
  found_.authenticated = is_authenticated_;
  if (result.status) return finish(result.status);

  std::vector<name> targets = std::get<std::vector<name>>(a.records);
  std::ranges::sort(targets, [](const name& x, const name& y) { return x < y; });
  // An instance counts once, even if it is listed several times (RFC 6763 §8).
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  for (const name& target : targets) found_.entries.push_back({target, result.ttl});
  leave_out_others();
  finish(found_.entries.empty() ? error_code(errc::no_usable_endpoint) : error_code());
}

// FAULTS O11.
void browse_operation::leave_out_others() {
  const std::string_view kind = kind_of(found_.query);
  const auto fits = [&](const browse_entry& entry) -> bool {
    if (kind == "domain") return true;
    return kind == "service type" ? is_service_type(entry.target) : is_instance_for(found_.query, entry.target);
  };
  const auto first = std::ranges::find_if_not(found_.entries, fits);
  if (first == found_.entries.end()) return;
  const std::string name_of_first = first->target.to_text();
  const std::size_t count = std::erase_if(found_.entries, std::not_fn(fits));
  found_.warnings.push_back(std::to_string(count) + " PTR target(s) left out that name no " + std::string(kind) +
                            ", the first is " + name_of_first + " (RFC 6763)");
}

void browse_operation::on_time(time_point) { finish(errc::query_timed_out); }

void browse_operation::cancel() {
  caching_client::turn mine(client_);
  if (router_) finish(boost::asio::error::operation_aborted);
}

void browse_operation::let_go() {
  lookup_router& router = *std::exchange(router_, nullptr);
  if (waiter_) router.leave(*waiter_);
  router.forget(*this);
}

void browse_operation::finish(error_code status) {
  let_go();
  const bool is_answered = !status || status == condition::absent || status == errc::no_usable_endpoint;
  found_.complete = is_answered && !found_.stale;
  done_.post(status, std::move(found_));
  client_->release(this);
}

}  // namespace sdconnect::detail
