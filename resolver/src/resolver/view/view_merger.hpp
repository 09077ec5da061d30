/// \file
/// Keeps what is known of a service after each walk, and the changes since the last update. Uses no
/// sockets and no clock.
#pragma once

#include "resolver/walk/walk.hpp"
#include "sdconnect/resolver/watch_update.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect::detail {

///  1. Answers decide: NXDOMAIN, NODATA with its SOA and the target "." remove what was there.
///     NODATA without a SOA counts as no answer the first time (held_answers), where it would remove
///     something.
///  2. Data without an answer are kept: the instances if the name's own questions are unanswered,
///     an instance's endpoints if its SRV records are unknown, its TXT record, a target's addresses
///     by family. The view is then stale, because the cache would have returned anything within its
///     TTL.
///  3. A walk that has not ended says nothing about open questions: the data are kept, and this is
///     not a failure.
///  4. Events are the difference from the view of the last update taken, so a slow consumer gets
///     the sum and nothing accumulates.
class view_merger {
 public:
  using time_point = boot_clock::time_point;

  explicit view_merger(const name& query);

  enum class walk_state { under_way, ended };
  void on_walk(walk::conclusion result, walk_state state);

  [[nodiscard]] const std::shared_ptr<const service>& view() const noexcept { return view_; }
  /// Increases with every change of the view.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  /// A walk has found out what the name is.
  [[nodiscard]] bool is_known() const noexcept { return is_known_; }
  /// DNS answered everything that the last walk asked.
  [[nodiscard]] bool is_complete() const noexcept { return knowledge_ == knowledge::complete; }
  /// The error that async_resolve() would return with the view.
  [[nodiscard]] error_code status() const noexcept { return status_; }

  [[nodiscard]] std::optional<watch_update> take(time_point now);

 private:
  enum class knowledge : std::uint8_t { complete, unknown, stale };

  [[nodiscard]] bool keeps_everything(const walk::conclusion& result) const noexcept;
  [[nodiscard]] bool merge(walk::conclusion& result) const;
  [[nodiscard]] bool keep_addresses(std::vector<target_addresses>& targets) const;
  [[nodiscard]] bool keep_instances(walk::conclusion& result) const;
  void publish(service next, knowledge level);
  void tell_knowledge(std::vector<watch_event>& events) const;

  std::shared_ptr<const service> view_, told_view_;
  // What view_->endpoints come from.
  std::vector<instance_records> records_;
  std::vector<target_addresses> targets_;  // sorted
  bool has_walked_ = false;
  bool is_known_ = false;
  bool is_told_ = false;
  knowledge knowledge_ = knowledge::complete, told_knowledge_ = knowledge::complete;
  error_code reason_;
  error_code status_;
  std::uint64_t version_ = 0, told_version_ = 0;
};

}  // namespace sdconnect::detail
