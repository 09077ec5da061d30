// Rule 10 of race.hpp: candidates that join.
#include "connect/race/race.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

namespace sdconnect::detail {

/// Determines which candidates are new and where they go in the queue. Changes the queue once, at
/// the end, because the other address family of ten thousand endpoints may arrive at once.
class race::arrivals {
 public:
  explicit arrivals(race& in) : race_(in), is_queued_(in.endpoints_.size()), latest_(in.endpoints_.size()) {
    for (std::size_t c = 0; c < race_.candidates_.size(); ++c) {
      known_.emplace(std::pair(endpoint_of(c), race_.candidates_[c].address), c);
      latest_[endpoint_of(c)] = c;
    }
    for (candidate_queue* const waiting : {&race_.queue_, &race_.put_back_}) {
      for (const std::size_t c : *waiting) is_queued_[endpoint_of(c)] = true;
    }
    if (!race_.attempts_.empty()) reached_ = place_of(race_.attempts_.back().candidate);
  }

  /// Takes the candidates of one endpoint.
  void take(std::span<const attempt_target> all) {
    const std::size_t endpoint = all.front().endpoint;
    if (endpoint >= race_.endpoints_.size()) race_.endpoints_.resize(endpoint + 1);
    const bool is_queued = endpoint < is_queued_.size() && is_queued_[endpoint];
    const bool is_under_way = race_.endpoints_[endpoint].open > 0;
    std::vector<std::size_t> fresh;
    std::vector<std::size_t> waiting = untried(all, fresh);
    if (fresh.empty()) return;

    if (!is_queued && !is_under_way) {
      renew(endpoint, fresh.front());
    } else {
      for (const std::size_t c : fresh) {
        race_.candidates_[c].priority = race_.candidates_[latest_[endpoint]].priority;
        race_.candidates_[c].is_last_resort = race_.candidates_[latest_[endpoint]].is_last_resort;
      }
    }
    const auto can_be_tried = [this](std::size_t c) { return !race_.candidates_[c].refused; };
    race_.endpoints_[endpoint].waiting += static_cast<std::size_t>(std::ranges::count_if(fresh, can_be_tried));
    const bool is_next = is_under_way && race_.is_of_this_tier(fresh.front());
    std::vector<std::size_t>& to = is_queued ? queued_[endpoint]
                                   : is_next ? under_way_
                                             : others_[place_of(fresh.front())];
    to.insert(to.end(), waiting.begin(), waiting.end());
  }

  void queue() {
    regroup(race_.queue_);
    regroup(race_.put_back_);
    const auto is_under_way = [this](std::size_t c) { return race_.endpoints_[endpoint_of(c)].open > 0; };
    insert(std::ranges::find_if_not(race_.queue_, is_under_way), under_way_);
    for (const auto& joining : others_) {
      const auto is_same = [&](std::size_t c) { return place_of(c) == joining.first; };
      const auto is_behind = [&](std::size_t c) { return place_of(c) > joining.first; };
      const auto last = std::find_if(race_.queue_.rbegin(), race_.queue_.rend(), is_same).base();
      insert(last != race_.queue_.begin() ? last : std::ranges::find_if(race_.queue_, is_behind), joining.second);
    }
  }

 private:
  /// Endpoints that may be healthy go first, then those that are down, then those that were put
  /// back; each by tier.
  using place = std::pair<int, std::uint16_t>;

  [[nodiscard]] std::size_t endpoint_of(std::size_t candidate) const { return race_.candidates_[candidate].endpoint; }

  [[nodiscard]] place place_of(std::size_t candidate) const {
    const attempt_target& c = race_.candidates_[candidate];
    return {race_.endpoints_[c.endpoint].is_put_back ? 2 : c.is_last_resort ? 1 : 0, c.priority};
  }

  /// Returns the candidates that wait or join, in the order of `all`; adds those that join to
  /// `fresh`.
  std::vector<std::size_t> untried(std::span<const attempt_target> all, std::vector<std::size_t>& fresh) {
    std::vector<std::size_t> waiting;
    for (const attempt_target& one : all) {
      const auto [at, is_new] = known_.emplace(std::pair(one.endpoint, one.address), race_.candidates_.size());
      const std::size_t c = at->second;
      if (is_new) {
        race_.candidates_.push_back(one);
        race_.attempt_of_.push_back(left_out);
      }
      if (race_.attempt_of_[c] == left_out) {
        race_.candidates_[c] = one;
        race_.attempt_of_[c] = not_begun;
        fresh.push_back(c);
      }
      if (race_.attempt_of_[c] == not_begun) waiting.push_back(c);
    }
    return waiting;
  }

  /// Resets an endpoint that is new, or has failed, or was left out.
  void renew(std::size_t endpoint, std::size_t first) {
    progress& p = race_.endpoints_[endpoint];
    const bool has_begun = p.has_begun;
    p = {};
    p.has_begun = has_begun;
    p.is_belated = reached_ && place_of(first) < *reached_;
  }

  /// Puts the candidates of an endpoint in their new order, where the first of them was; those that
  /// have left DNS come last.
  void regroup(candidate_queue& waiting) {
    if (queued_.empty()) return;
    for (const std::size_t c : waiting) {
      const auto group = queued_.find(endpoint_of(c));
      if (group == queued_.end() || std::ranges::find(group->second, c) != group->second.end()) continue;
      group->second.push_back(c);
    }
    candidate_queue out;
    for (const std::size_t c : waiting) {
      const auto group = queued_.find(endpoint_of(c));
      if (group == queued_.end()) {
        out.push_back(c);
      } else {
        for (const std::size_t of_endpoint : std::exchange(group->second, {})) out.push_back(of_endpoint);
      }
    }
    waiting = std::move(out);
  }

  void insert(candidate_queue::iterator at, const std::vector<std::size_t>& joining) {
    race_.queue_.insert(at, joining.begin(), joining.end());
  }

  race& race_;
  std::map<std::pair<std::size_t, ip_address>, std::size_t> known_;  // candidates by endpoint and address
  std::vector<bool> is_queued_;                                      // by endpoint
  std::vector<std::size_t> latest_;                                  // the last candidate, by endpoint
  std::optional<place> reached_;                                     // place of the last attempt
  // Waiting candidates of the endpoints that something joins.
  std::unordered_map<std::size_t, std::vector<std::size_t>> queued_;  // by endpoint
  std::vector<std::size_t> under_way_;
  std::map<place, std::vector<std::size_t>> others_;
};

race::step race::add(std::span<const attempt_target> fresh, time_point now) {
  if (is_stopped_ || (is_over_ && is_held_back())) {
    step nothing;
    nothing.done = true;
    return nothing;
  }
  if (now >= options_.deadline) return held_ ? win(*held_, now) : stop(errc::unreachable, now);
  arrivals joining(*this);
  for (auto first = fresh.begin(); first != fresh.end();) {
    const auto last = std::find_if_not(first, fresh.end(),
                                       [&](const attempt_target& other) { return other.endpoint == first->endpoint; });
    joining.take({first, last});
    first = last;
  }
  joining.queue();
  count_tiers_left();
  is_over_ = false;
  if (status_ == errc::refused_address) status_ = errc::unreachable;
  return advance({}, now);
}

bool race::is_in_progress(std::size_t endpoint) const {
  if (endpoint >= endpoints_.size()) return false;  // it never had an address to try
  const progress& p = endpoints_[endpoint];
  return p.open > 0 || (p.waiting > 0 && !p.is_left_out);
}

}  // namespace sdconnect::detail
