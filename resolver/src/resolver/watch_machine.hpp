/// \file
/// Every decision of a watcher: when to walk again, what the view is after a walk, and what to tell of it. No sockets,
/// no clock.
#pragma once

#include "resolver/resolution.hpp"
#include "sdconnect/resolver/service_watcher.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect {

/// Walk at next_walk() with settings(), and hand the conclusion over.
///
///  1. The first walk takes what the cache has; later ones ask again for what is past its refresh_at, and for nothing
///     else: every record set has its own clock.
///  2. The next walk is due when the first record set used is. A TTL below min_interval counts as min_interval
///     (held_answers), and negative answers have a TTL as well (RFC 2308).
///  3. What an answer proves, is so: NXDOMAIN, NODATA with its SOA, the target "." remove what was there.
///  4. What no answer tells, stays: the instances when the name's own questions are unanswered, an instance's endpoints
///     without an answer for its SRV records, its TXT record, a target's addresses by family. Then the view is stale,
///     for the cache would have given anything within its TTL.
///  5. While something fails, the next walk is due at its retry_at, 5 s from now at the latest.
///  6. Events tell the difference to the view of the last update taken, so a slow consumer gets the sum and nothing
///     grows.
class watch_machine {
 public:
  using time_point = boot_clock::time_point;

  explicit watch_machine(const service_query& query);

  [[nodiscard]] lookup_table::mode mode() const noexcept {
    return has_walked_ ? lookup_table::mode::refresh : lookup_table::mode::normal;
  }
  void on_walk(walk::conclusion result, time_point begun, time_point now);
  /// nullopt: no walk is ever due again, as for a name that cannot be asked.
  [[nodiscard]] std::optional<time_point> next_walk() const noexcept { return next_walk_; }
  /// Other name servers, or a machine that slept: walk soon, and not all at once.
  void renew(time_point now, std::uint32_t random);

  [[nodiscard]] std::optional<watch_update> take(time_point now);
  [[nodiscard]] const std::shared_ptr<const service>& view() const noexcept { return view_; }

 private:
  enum class knowledge : std::uint8_t { complete, unknown, stale };

  [[nodiscard]] bool keeps_everything(const walk::conclusion& result) const noexcept;
  [[nodiscard]] bool merge(walk::conclusion& result);
  void publish(service next, knowledge level);
  void schedule(const walk::conclusion& result, time_point begun, time_point now);
  void tell_knowledge(std::vector<watch_event>& events) const;

  std::shared_ptr<const service> view_, told_view_;
  std::vector<walk::part> parts_;  // what view_->endpoints are made of
  bool has_walked_ = false;
  bool is_known_ = false;
  bool is_told_ = false;
  knowledge knowledge_ = knowledge::complete, told_knowledge_ = knowledge::complete;
  error_code reason_;
  error_code status_;
  std::uint32_t changes_ = 0;  // since the last update taken
  std::optional<time_point> next_walk_;
  time_point renewed_ = time_point::min();  // a walk begun before may hold what no longer is
  time_point walk_after_renewal_{};
};

}  // namespace sdconnect
