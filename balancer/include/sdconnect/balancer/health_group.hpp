/// \file
/// How the endpoints of one service are doing: every decision of health, without clock, lock or
/// socket.
#pragma once

#include "sdconnect/balancer/health_options.hpp"
#include "sdconnect/balancer/outcome.hpp"
#include "sdconnect/net/random.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect {

enum class health_state : std::uint8_t {
  up,       ///< used with its whole weight
  warming,  ///< used with a part of its weight, after having been down
  trial,    ///< half-open: one attempt at a time decides
  down,     ///< used when nothing better is left
};

enum class health_reason : std::uint8_t {
  none,             ///< nothing is held against it
  attempt_failed,   ///< demoted
  attempts_failed,  ///< ejected: `fall` in a row
  outlier,          ///< ejected: its success rate is far below the others'
  probes_failed,    ///< `fall` in a row, until `rise` good ones
};

/// "up", "warming", ...
[[nodiscard]] std::string_view to_string(health_state state) noexcept;
/// "none", "attempt failed", ... with spaces instead of underscores.
[[nodiscard]] std::string_view to_string(health_reason reason) noexcept;

struct endpoint_health {
  using time_point = std::chrono::steady_clock::time_point;

  health_state state = health_state::up;
  health_reason reason = health_reason::none;           ///< why it is, or was last, not up; none once it is up again
  outcome_kind last_failure = outcome_kind::connected;  ///< connected: never failed
  std::uint16_t weight_share = 1000;                    ///< thousandths of its weight; below 1000 while warming
  std::uint32_t consecutive_failures = 0;               ///< of the row that is not yet over (`relapse`)
  std::uint32_t ejections = 0;                          ///< not yet forgiven
  time_point since{};                                   ///< in this state
  time_point until{};  ///< down: of its next trial, unset for `probes_failed`; warming: of its whole weight
};

/// One machine for each endpoint, and the sweep that compares them. `now` never goes back between
/// calls. Functions that return bool tell whether a state or a weight share changed, of any
/// endpoint.
/// REQUIRES: an id is one that add() gave and remove() did not take back. Not thread safe.
///
///  1. A failed attempt demotes: down, until its trial. What began before the endpoint's last
///     failure that counted, or before the attempt that brought it back, says nothing new
///     (`started`): a thousand requests that fail together are one failure. Whoever is merely
///     overtaken is demoted the second time in a row.
///  2. `fall` failures in a row eject for longer. Failures of last resort, while it is down, do not
///     add to the row.
///  3. When the time is over, the endpoint is on trial. Success, also of an attempt of last resort
///     before that: warming, then up. Failure: as 1 or 2.
///  4. Probes count by themselves: `fall` bad ones take out, then `rise` good ones bring to
///     warming. What attempts or outlier detection took out stays out for its time, whatever probes
///     say: passive failures override active ones.
///  5. With the first report after each interval outliers are ejected: no more than the greatest
///     share, never the last one in use. When nothing else is left in use, they are back at once,
///     warming.
///  6. When one comes back after all had been down, the cause was probably common: the others that
///     attempts took out are on trial at once, so that the first does not bear the load of all. Who
///     fails that trial stays out for the rest of its time, and nothing is counted.
class health_group {
 public:
  using time_point = endpoint_health::time_point;

  health_group(const health_options& options, random_engine random);
  health_group(health_group&& other) noexcept;
  health_group& operator=(health_group&& other) noexcept;
  ~health_group();

  /// The id of an endpoint that is up and knows nothing. Ids of removed endpoints are used again,
  /// lowest first.
  std::uint32_t add(time_point now);
  void remove(std::uint32_t id);
  /// Whether it can be tried at all, as is_usable(endpoint); new ones can. What cannot keeps its
  /// health, and is not counted among those in use, nor for the greatest share of outliers.
  void set_usable(std::uint32_t id, bool is_usable);
  /// How many can be tried.
  [[nodiscard]] std::size_t size() const noexcept { return usable_; }

  /// An attempt, begun at `started`, that ended or is established; `connected` once for each, after
  /// TLS and the like where that belongs to it. What broke later, a `reset`, is one more report
  /// with the same `started`. Does what is due, too. Where the report changes nothing: O(1), no
  /// allocation.
  bool report(std::uint32_t id, outcome_kind outcome, time_point started, time_point now);
  bool report_probe(std::uint32_t id, bool is_good, time_point now);

  /// Does what is due. O(1) when nothing is.
  bool advance(time_point now);
  /// When advance() has something to do; time_point::max(): not before the next report.
  [[nodiscard]] time_point next_change() const noexcept;

  /// Puts an endpoint that attempts took out on trial before its time, as rule 6 does: there is
  /// reason to hope, such as another one of its tier that is back.
  bool advance_trial(std::uint32_t id, time_point now);

  /// The network is another one: nothing that was learned holds, nor what attempts begun before
  /// will tell.
  bool reset(time_point now);
  /// The same for one endpoint, whose addresses are others.
  bool reset(std::uint32_t id, time_point now);

  /// Until the next call that is not const.
  [[nodiscard]] const endpoint_health& of(std::uint32_t id) const noexcept;

 private:
  struct member;
  template <class Event>
  bool apply(std::uint32_t id, const Event& event);
  template <class Event>
  bool apply_to_all(const Event& event);
  bool eject_outliers(time_point now);
  bool settle(bool had_serving, time_point now);

  health_options options_;
  random_engine random_;
  std::vector<member> members_;      // by id
  std::vector<std::uint32_t> free_;  // a heap, the lowest id first
  std::set<std::pair<time_point, std::uint32_t>> due_;
  time_point sweep_due_ = time_point::max();  // max: no report since the last sweep
  // Of those that can be tried:
  std::size_t usable_ = 0;
  std::size_t serving_ = 0;   // up or warming
  std::size_t outliers_ = 0;  // down for that reason
};

}  // namespace sdconnect
