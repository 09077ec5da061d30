/// \file
/// Probes the endpoints of a balancer continuously, and reports the results to it.
#pragma once

#include "sdconnect/balancer/balancer.hpp"
#include "sdconnect/balancer/probe_schedule.hpp"
#include "sdconnect/connect/probe.hpp"
#include "sdconnect/net/random.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace sdconnect {

struct health_checker_options {
  /// The first probe of an endpoint comes after a random part of an interval, and every interval is
  /// drawn anew, so that clients that started together do not probe together (docs/faults.md, B9).
  probe_schedule_options schedule = {};
  std::chrono::milliseconds timeout{2000};  ///< of each probe; max(): no limit
  /// After a bad probe, an endpoint is probed in the hurried interval until this many good ones in
  /// a row. Corresponds to health_options::rise.
  std::uint32_t settled_after = 2;
  /// Called after each probe, after the report to the balancer; for logs. It may close or destroy
  /// the checker.
  std::function<void(const endpoint& where, error_code ec, const probe_result& seen)> on_probed = {};
};

/// Probes each usable (target, port) of the balancer's set (is_usable), and passes the result to
/// balancer::report_probe(). The balancer decides what it means (health_options::fall and rise;
/// failures of attempts override good probes). A local failure (no descriptors, an unusable CA
/// file, a command that cannot be run) tells nothing about the endpoint and is not reported.
///
/// Follows the set: notices changes within a second, or at once with follow(). If an endpoint has
/// left or its addresses changed, a probe of it under way ends without a report. The caller must
/// serve the balancer's own timers (balancer::advance).
///
/// Works from its construction on, and keeps its executor's context busy until it is closed or
/// destroyed; destroy it before that context. Not thread safe: use it, and run its executor's
/// handlers, on one thread or strand; the balancer may be used on any thread.
class health_checker {
 public:
  health_checker(boost::asio::any_io_executor executor, std::shared_ptr<balancer> watched, prober with,
                 health_checker_options options = {}, random_engine random = random_engine::from_os_entropy());
  health_checker(health_checker&&) noexcept = default;
  health_checker& operator=(health_checker&& other) noexcept;
  ~health_checker();

  /// Checks now whether the balancer's set has changed.
  void follow();
  /// Ends all activity. Probes under way end without a report.
  void close();

 private:
  class state;  // defined by the implementation
  std::shared_ptr<state> state_;
};

}  // namespace sdconnect
