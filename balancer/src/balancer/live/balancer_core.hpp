/// \file
/// State that a balancer and its uses share.
#pragma once

#include "balancer/snapshot/plan_drawer.hpp"
#include "balancer/snapshot/snapshot.hpp"
#include "sdconnect/balancer/balancer_options.hpp"
#include "sdconnect/balancer/endpoint_use.hpp"
#include "sdconnect/balancer/health_group.hpp"
#include "sdconnect/balancer/pick_slot.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// Writers lock `mutex_`, change health or the set, and publish a new snapshot. Readers use the
/// snapshot that their thread keeps; if its version is out of date, they lock `publish_mutex_`,
/// which is held only while a pointer is copied. The functions are those of balancer.
class balancer_core : public std::enable_shared_from_this<balancer_core> {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  balancer_core(const balancer_options& options, time_point now);

  // Writers.
  void update(std::shared_ptr<const std::vector<endpoint>> endpoints, time_point now);
  void report(endpoint_record& record, outcome_kind outcome, std::chrono::microseconds latency, time_point started,
              time_point now);
  void report_probe(const endpoint_record& probed, bool is_good, time_point now);
  void advance(time_point now);
  void reset_health(time_point now);
  [[nodiscard]] time_point next_change() const;
  [[nodiscard]] std::vector<endpoint_status> status() const;
  [[nodiscard]] std::shared_ptr<const endpoint_set> endpoints() const;

  // Readers.
  [[nodiscard]] const std::atomic<std::uint64_t>& version() const noexcept { return version_; }
  [[nodiscard]] std::uint32_t slot_index() const noexcept { return static_cast<std::uint32_t>(id_ % pick_slot_count); }
  /// Updates this thread's slot. The snapshot is kept until this thread picks again.
  [[nodiscard]] const snapshot& refresh() noexcept;
  [[nodiscard]] const balanced_endpoint* pick(random_engine* random, std::optional<std::uint64_t> key) noexcept;
  [[nodiscard]] std::optional<endpoint_use> acquire(time_point now, std::optional<std::uint64_t> key);
  [[nodiscard]] attempt_plan plan(time_point now, std::optional<std::uint64_t> key, explaining how);
  [[nodiscard]] std::optional<endpoint_use> try_acquire(const attempt_plan& plan, std::size_t at, time_point now);

 private:
  struct key_hash {
    std::size_t operator()(const std::pair<name, std::uint16_t>& key) const noexcept;
  };
  /// State of a (target, port); names that differ only in case share it.
  struct entry {
    std::shared_ptr<endpoint_record> record;
    std::vector<ip_address> addresses;  // the latest known ones
    std::uint32_t position = 0;         // the first one in the set
    std::uint64_t generation = 0;       // of the last set that contained it
  };
  using entry_map = std::unordered_map<std::pair<name, std::uint16_t>, entry, key_hash>;

  [[nodiscard]] time_point not_back(time_point now) noexcept;
  void take_set(const std::shared_ptr<const std::vector<endpoint>>& endpoints, time_point now);
  entry& find_or_add(const endpoint& e, std::uint32_t row_count, time_point now);
  void let_go(const balanced_endpoint& leaving, time_point now);
  void advance_if_due(time_point now);
  bool do_what_is_due(time_point now);
  void finish(bool is_changed, time_point now);
  [[nodiscard]] time_point compute_next_change() const noexcept;
  [[nodiscard]] bool is_reshuffling() const noexcept;
  void reshuffle(time_point now);
  static void set_state(endpoint_record& record, health_state latest) noexcept;
  bool publish_health(std::uint32_t id);
  bool publish_all_health();
  bool sync_after_report(std::uint32_t id, time_point now);
  [[nodiscard]] std::vector<double> shares() const;
  void publish(time_point now);

  [[nodiscard]] std::optional<endpoint_use> acquire_from(const snapshot& from, time_point now,
                                                         std::optional<std::uint64_t> key, bool& has_left);
  [[nodiscard]] endpoint_use make_use(std::shared_ptr<const endpoint_set> set, std::uint32_t position,
                                      std::uint32_t row, std::uint32_t trial, time_point now);
  /// Counts a use in a row of the record and returns the row; nothing if the endpoint is at its
  /// limit or has left.
  [[nodiscard]] std::optional<std::uint32_t> enter(endpoint_record& record) const noexcept;

  const balancer_options options_;
  const std::uint64_t id_;

  mutable std::mutex mutex_;  // guards all members up to publish_mutex_
  time_point latest_;
  random_engine random_;
  health_group health_;
  entry_map entries_;
  std::uint64_t generation_ = 0;
  std::vector<std::uint32_t> first_positions_;  // by health id
  std::vector<balanced_endpoint> leaving_;      // until a set without them is published
  std::list<balanced_endpoint> draining_;
  std::shared_ptr<const indexed_set> set_;
  std::vector<published_health> published_health_;  // by position
  std::vector<tier_counts> counts_;                 // by tier
  std::vector<tier_memory> memory_;                 // by tier
  std::uint32_t serving_ = 0;                       // number of positions that can be tried and are up or warming
  std::uint32_t trials_ = 0;                        // number of positions on trial
  time_point held_until_ = time_point::max();
  time_point reshuffle_at_ = time_point::max();
  time_point renew_trials_at_;
  shuffle shuffled_;
  std::uint64_t shuffle_salt_ = 0;
  snapshot_buffers buffers_;

  mutable std::mutex publish_mutex_;
  std::shared_ptr<const snapshot> published_;
  std::uint64_t threads_ = 0;  // number of threads seeded so far

  alignas(64) std::atomic<std::uint64_t> version_{0};  // alone on its cache line: every pick reads it
  alignas(64) std::atomic<time_point::rep> next_change_{time_point::max().time_since_epoch().count()};
};

}  // namespace sdconnect::detail
