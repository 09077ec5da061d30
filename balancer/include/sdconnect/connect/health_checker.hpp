/// \file
/// Probes the endpoints of a balancer, for as long as it is wanted, and tells it what came of it.
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
  /// drawn anew: clients that began together do not probe together (FAULTS B9).
  probe_schedule_options schedule = {};
  std::chrono::milliseconds timeout{2000};  ///< of each probe; max(): no limit
  /// Between a bad probe and so many good ones in a row an endpoint is probed in the hurried
  /// interval. As health_options::rise.
  std::uint32_t settled_after = 2;
  /// Called after each probe, once the balancer knows; for logs. It may close or destroy the
  /// checker.
  std::function<void(const endpoint& where, error_code ec, const probe_result& seen)> on_probed = {};
};

/// Probes each (target, port) of the balancer's set that has an address, and
/// balancer::report_probe()s the result: what it means is the balancer's to decide
/// (health_options::fall and rise; failures of attempts override good probes). What fails here at
/// home (no descriptors, an unusable CA file, a command that cannot be run) says nothing of an
/// endpoint and is not reported.
///
/// Follows the set: sees within a second what has come and gone, at once with follow(). A probe
/// under way of an endpoint that has left, or whose addresses changed, is ended without a report.
/// The balancer's own timers are not driven here (balancer::advance).
///
/// Works from its construction on, and keeps its executor's context busy until it is closed or
/// destroyed; destroy it before that context. Not thread safe: use it, and run its executor's
/// handlers, on one thread or strand; the balancer may be used anywhere.
class health_checker {
 public:
  health_checker(boost::asio::any_io_executor executor, std::shared_ptr<balancer> watched, prober with,
                 health_checker_options options = {}, random_engine random = random_engine::from_os_entropy());
  health_checker(health_checker&&) noexcept = default;
  health_checker& operator=(health_checker&& other) noexcept;
  ~health_checker();

  /// The balancer's set is another one: looks now.
  void follow();
  /// Ends all activity; probes under way end without a report.
  void close();

 private:
  class state;  // defined by the implementation
  std::shared_ptr<state> state_;
};

}  // namespace sdconnect
