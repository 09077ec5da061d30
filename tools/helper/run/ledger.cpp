#include "helper/run/ledger.hpp"

#include "net/base/printable.hpp"
#include "sdconnect/dns/service_name.hpp"

namespace sdconnect::helper {
namespace {

std::string target_text(const name& target, std::uint16_t port) {
  return detail::escaped(host_text(target)) + ":" + std::to_string(port);
}

template <class T>
void push(std::deque<T>& ring, T value, std::size_t most) {
  if (ring.size() == most) ring.pop_back();
  ring.push_front(std::move(value));
}

}  // namespace

void ledger::add(const dialed& result, std::string_view id) {
  const auto time = std::chrono::system_clock::now();
  const auto now = std::chrono::steady_clock::now();
  const std::scoped_lock lock(mutex_);
  for (const connect_attempt& a : result.made.attempts) {
    std::string error = a.result ? a.result.message() : std::string();
    if (a.result == boost::asio::error::operation_aborted) error = "another attempt was faster";
    if (a.result && a.result != boost::asio::error::operation_aborted)
      entry({result.service, a.target, a.port}).last_error = error;
    push(attempts_,
         status_attempt{.time = time,
                        .id = std::string(id),
                        .service = result.service.to_text(),
                        .target = target_text(a.target, a.port),
                        .address = a.address,
                        .elapsed = a.elapsed,
                        .error = std::move(error)},
         max_attempts);
  }
  if (result.error || result.made.attempts.empty()) {
    series_.add({}, now);
  } else {
    series_.add(result.made.attempts.back().elapsed, now);
  }
}

void ledger::add_octets(const name& service, const endpoint& at, std::uint64_t up, std::uint64_t down) {
  const std::scoped_lock lock(mutex_);
  traffic& t = entry({service, at.target, at.port});
  t.up += up;
  t.down += down;
}

void ledger::add_change(std::string service, std::string subject, std::string what) {
  const std::scoped_lock lock(mutex_);
  push(changes_,
       status_change{std::chrono::system_clock::now(), std::move(service), std::move(subject), std::move(what)},
       max_changes);
}

ledger::traffic ledger::of(const name& service, const endpoint& at) const {
  const std::scoped_lock lock(mutex_);
  const auto found = traffic_.find({service, at.target, at.port});
  return found == traffic_.end() ? traffic() : found->second;
}

void ledger::fill(helper_status& status) {
  const std::scoped_lock lock(mutex_);
  status.connects = series_.points(std::chrono::steady_clock::now());
  status.changes.assign(changes_.begin(), changes_.end());
  status.attempts.assign(attempts_.begin(), attempts_.end());
}

ledger::traffic& ledger::entry(const key& of) {
  // A forgotten entry only loses its counters.
  if (traffic_.size() >= max_endpoints && !traffic_.contains(of)) traffic_.erase(traffic_.begin());
  return traffic_[of];
}

}  // namespace sdconnect::helper
