#include "sdconnect/connect/health_checker.hpp"

#include "connect/race/attempt_outcome.hpp"
#include "net/base/saturating.hpp"
#include "sdconnect/balancer/selection.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect {

using namespace detail;
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

// How late the checker may notice a change of the set: soon compared with any TTL, and comparing
// two pointers costs nothing.
constexpr std::chrono::seconds follow_interval{1};

/// True for local failures, which would occur with every endpoint.
bool is_own_failure(probe_kind kind, error_code ec) noexcept {
  if (!ec) return false;
  if (ec == condition::bad_input || outcome_of(ec) == outcome_kind::local_failure) return true;
  // The command could not be run.
  return kind == probe_kind::exec && ec.category() == boost::system::system_category();
}

}  // namespace

// The numbers of entries are never used again, so that a probe that ends late finds no other entry.
class health_checker::state : public std::enable_shared_from_this<state> {
 public:
  state(asio::any_io_executor executor, std::shared_ptr<balancer> watched, prober with, health_checker_options options,
        random_engine random)
      : executor_(std::move(executor)),
        balancer_(std::move(watched)),
        prober_(std::move(with)),
        options_(std::move(options)),
        schedule_(options_.schedule, std::move(random)),
        timer_(executor_) {}

  void follow() {
    if (is_closed_) return;
    follow_set();
    go_on();
  }

  void close() {
    is_closed_ = true;
    timer_.cancel();
    for (auto& [id, e] : entries_) end_probe(e);
    entries_.clear();
  }

 private:
  struct entry {
    endpoint where;
    std::shared_ptr<endpoint_record> record;
    std::uint32_t good_in_a_row = 0;
    std::uint64_t probe = 0;  // the number of the probe under way; 0: none
    std::unique_ptr<asio::cancellation_signal> ending = std::make_unique<asio::cancellation_signal>();
  };

  // Cancels the probe under way. Its completion finds that it is not the one awaited.
  static void end_probe(entry& e) {
    if (std::exchange(e.probe, 0) != 0) e.ending->emit(asio::cancellation_type::terminal);
  }

  void follow_set() {
    const std::shared_ptr<const endpoint_set> set = balancer_->endpoints();
    if (set == set_) return;
    set_ = set;
    const clock::time_point now = clock::now();
    std::unordered_map<const endpoint_record*, std::uint32_t> ids;
    std::swap(ids, ids_);
    for (const balanced_endpoint& listed : *set) {
      if (!is_usable(listed.where) || ids_.contains(listed.record.get())) continue;  // or listed already
      if (const auto known = ids.extract(listed.record.get())) {
        ids_.emplace(known.key(), known.mapped());
        take_over(known.mapped(), listed.where, now);
        continue;
      }
      const std::uint32_t id = ++last_id_;
      ids_.emplace(listed.record.get(), id);
      entries_.emplace(id, entry{.where = listed.where, .record = listed.record});
      schedule_.add(id, now);
    }
    for (const auto& [record, id] : ids) {
      end_probe(entries_.at(id));
      entries_.erase(id);
      schedule_.remove(id);
    }
  }

  void take_over(std::uint32_t id, const endpoint& where, clock::time_point now) {
    entry& e = entries_.at(id);
    const bool moved = !std::ranges::is_permutation(e.where.addresses, where.addresses);
    e.where = where;
    if (!moved || e.probe == 0) return;
    end_probe(e);
    schedule_.done(id, now);
  }

  void go_on() {
    const clock::time_point now = clock::now();
    while (const std::optional<std::uint32_t> id = schedule_.take_due(now)) probe(*id, now);
    timer_.expires_at(std::min(schedule_.next_due(), now + follow_interval));
    timer_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec) self->follow();
    });
  }

  void probe(std::uint32_t id, clock::time_point now) {
    entry& e = entries_.at(id);
    e.probe = ++last_probe_;
    prober_.async_probe(
        executor_, e.where, detail::later(now, options_.timeout),
        asio::bind_cancellation_slot(
            e.ending->slot(), [self = shared_from_this(), id, number = e.probe](
                                  error_code ec, const probe_result& seen) { self->on_probed(id, number, ec, seen); }));
  }

  void on_probed(std::uint32_t id, std::uint64_t number, error_code ec, const probe_result& seen) {
    const auto found = entries_.find(id);
    if (is_closed_ || found == entries_.end() || found->second.probe != number) return;
    entry& e = found->second;
    e.probe = 0;
    const clock::time_point now = clock::now();
    if (!is_own_failure(prober_.options().kind, ec)) {
      balancer_->report_probe(*e.record, !ec, now);
      e.good_in_a_row = ec ? 0 : std::min(e.good_in_a_row + 1, options_.settled_after);
      if (ec) schedule_.set_hurried(id, true, now);
      if (!ec && e.good_in_a_row == options_.settled_after) schedule_.set_hurried(id, false, now);
    }
    schedule_.done(id, now);
    const endpoint where = e.where;  // on_probed may close()
    if (options_.on_probed) options_.on_probed(where, ec, seen);
    if (!is_closed_) go_on();
  }

  asio::any_io_executor executor_;
  std::shared_ptr<balancer> balancer_;
  prober prober_;
  health_checker_options options_;
  probe_schedule schedule_;
  asio::steady_timer timer_;
  std::shared_ptr<const endpoint_set> set_;  // held, so that no other set can have its address
  std::map<std::uint32_t, entry> entries_;
  std::unordered_map<const endpoint_record*, std::uint32_t> ids_;
  std::uint32_t last_id_ = 0;
  std::uint64_t last_probe_ = 0;
  bool is_closed_ = false;
};

health_checker::health_checker(asio::any_io_executor executor, std::shared_ptr<balancer> watched, prober with,
                               health_checker_options options, random_engine random)
    : state_(std::make_shared<state>(std::move(executor), std::move(watched), std::move(with), std::move(options),
                                     std::move(random))) {
  state_->follow();
}

health_checker& health_checker::operator=(health_checker&& other) noexcept {
  if (this != &other) {
    close();
    state_ = std::move(other.state_);
  }
  return *this;
}

health_checker::~health_checker() { close(); }

void health_checker::follow() { state_->follow(); }

void health_checker::close() {
  if (state_) state_->close();
}

}  // namespace sdconnect
