/// \file
/// Makes every health decision about the endpoints of one service, without clock, lock or socket.
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
  up,       ///< used with its full weight
  warming,  ///< used with a part of its weight, after it was down
  trial,    ///< half-open: one attempt at a time decides
  down,     ///< used only if nothing better is left
};

enum class health_reason : std::uint8_t {
  none,             ///< no failure counts against it
  attempt_failed,   ///< demoted
  attempts_failed,  ///< ejected: `fall` failures in a row
  outlier,          ///< ejected: its success rate is far below that of the others
  probes_failed,    ///< `fall` bad probes in a row; until `rise` good ones
};

/// "up", "warming", ...
[[nodiscard]] std::string_view to_string(health_state state) noexcept;
/// "none", "attempt failed", ... with spaces instead of underscores.
[[nodiscard]] std::string_view to_string(health_reason reason) noexcept;

struct endpoint_health {
  using time_point = std::chrono::steady_clock::time_point;

  health_state state = health_state::up;
  health_reason reason = health_reason::none;           ///< why it is not up; none if it is up
  outcome_kind last_failure = outcome_kind::connected;  ///< connected: it never failed
  std::uint16_t weight_share = 1000;                    ///< thousandths of its weight; below 1000 while warming
  std::uint32_t consecutive_failures = 0;               ///< in the current row, which may outlast a success (`relapse`)
  std::uint32_t ejections = 0;                          ///< number not yet forgiven
  time_point since{};                                   ///< start of this state
  /// Down: time of its next trial, unset for `probes_failed`. Warming: time of its full weight.
  time_point until{};
};

/// One state machine for each endpoint, and the sweep that compares them. `now` never goes back
/// between calls. Functions that return bool tell whether the state or the weight share of any
/// endpoint changed. REQUIRES: an id that add() returned and that was not passed to remove() since.
/// Not thread safe.
///
///  1. A failed attempt demotes the endpoint: it is down until its trial. A report is ignored if
///     its attempt began (`started`) before the endpoint's last counted failure, or before the
///     attempt that brought it back: a thousand requests that fail together are one failure. An
///     endpoint that was merely overtaken is demoted the second time in a row (`overtaken_fall`).
///  2. `fall` failures in a row eject the endpoint for longer. Failed attempts of last resort,
///     while it is down, do not extend the row.
///  3. When the time is over, the endpoint is on trial. Success, also of an attempt of last resort
///     before that: warming, then up. Failure: as 1 or 2.
///  4. Probes count separately: `fall` bad ones take the endpoint out, then `rise` good ones bring
///     it to warming. If attempts or outlier detection took it out, it stays out for its time,
///     whatever the probes say: passive failures override active ones.
///  5. The first report after each interval ejects outliers: at most the share `max_ejected_share`,
///     never the last endpoint in use. If nothing else is left in use, the outliers are back at
///     once, warming.
///  6. If an endpoint comes back after all had been down, the cause was probably common: the others
///     that attempts took out are on trial at once, so that the first one does not bear the whole
///     load. An endpoint that fails this trial stays out for the rest of its time, and the failure
///     is not counted.
class health_group {
 public:
  using time_point = endpoint_health::time_point;

  health_group(const health_options& options, random_engine random);
  health_group(health_group&& other) noexcept;
  health_group& operator=(health_group&& other) noexcept;
  ~health_group();

  /// Adds an endpoint that is up and has no history; returns its id. Ids of removed endpoints are
  /// used again, lowest first.
  std::uint32_t add(time_point now);
  void remove(std::uint32_t id);
  /// Sets whether the endpoint can be tried at all, as is_usable(endpoint) tells; a new one can.
  /// One that cannot be tried keeps its health, but does not count among those in use, nor for the
  /// maximum share of outliers.
  void set_usable(std::uint32_t id, bool is_usable);
  /// Number of endpoints that can be tried.
  [[nodiscard]] std::size_t size() const noexcept { return usable_; }

  /// Reports an attempt, begun at `started`, that failed or whose connection is established. Report
  /// `connected` once for each, after TLS or another handshake if that belongs to the attempt. A
  /// connection that breaks later, a `reset`, is one more report with the same `started`. Also
  /// performs what is due. If the report changes nothing: O(1), no allocation.
  bool report(std::uint32_t id, outcome_kind outcome, time_point started, time_point now);
  bool report_probe(std::uint32_t id, bool is_good, time_point now);

  /// Performs what is due. O(1) if nothing is.
  bool advance(time_point now);
  /// Time at which advance() has something to do. time_point::max(): not before the next report.
  [[nodiscard]] time_point next_change() const noexcept;

  /// Puts an endpoint that attempts took out on trial before its time, as rule 6 does. For when
  /// there is a reason to expect success, such as another endpoint of its tier that is back.
  bool advance_trial(std::uint32_t id, time_point now);

  /// Forgets all that was learned, because the network has changed. Reports of attempts begun
  /// before `now` are ignored.
  bool reset(time_point now);
  /// Same, for one endpoint whose addresses have changed.
  bool reset(std::uint32_t id, time_point now);

  /// Valid until the next call that is not const.
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
  std::vector<std::uint32_t> free_;  // a heap with the lowest id first
  std::set<std::pair<time_point, std::uint32_t>> due_;
  time_point sweep_due_ = time_point::max();  // max: no report since the last sweep
  // Counts of those that can be tried:
  std::size_t usable_ = 0;
  std::size_t serving_ = 0;   // up or warming
  std::size_t outliers_ = 0;  // down as outliers
};

}  // namespace sdconnect
