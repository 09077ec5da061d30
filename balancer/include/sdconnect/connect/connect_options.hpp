/// \file
/// How a connector races, balances, retries and limits itself.
#pragma once

#include "sdconnect/balancer/attempt_limiter.hpp"
#include "sdconnect/balancer/balancer_options.hpp"
#include "sdconnect/balancer/retry_budget.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sdconnect {

/// Of one race for a connection.
struct connect_options {
  /// Each attempt's limit; max(): none but the deadline.
  std::chrono::milliseconds attempt_timeout{2000};
  /// Head start of each attempt before the next address is tried beside it (RFC 8305 §5); kept
  /// between 10 ms and 2 s (§8).
  std::chrono::milliseconds attempt_delay{250};
  /// Hedging: once in each race, when the latest attempt has gone this long without an answer, the
  /// next endpoint of its tier is tried beside it. Below `attempt_delay`, or it does nothing. Costs
  /// a retry, and no health: who loses to a hedge has not failed.
  std::optional<std::chrono::milliseconds> hedge_delay;
  bool use_ipv4 = true;
  bool use_ipv6 = true;
  /// The executor of the resulting socket; unset: that of the connector, or the one given. Its
  /// context outlives every connect under way; nobody needs to run it before.
  boost::asio::any_io_executor socket_executor = {};
};

/// Of a connector. What is said here of attempts holds for all its services and copies together.
struct connector_options {
  connect_options connecting;
  /// Of each service. With a `seed` here every service draws from that seed; without, from the
  /// connector's generator.
  balancer_options balancing;
  /// The first attempt of each connect is free; each further one (failover, another address beside
  /// the first, a hedge) takes from this budget. While it is empty a connect makes no further
  /// attempt, and fails with errc::unreachable when none is under way. Unset: no budget, every
  /// endpoint is tried; for programs that connect once.
  std::optional<retry_budget_options> retries = retry_budget_options();
  /// Attempts that would exceed it wait for their turn, the first one too; those whose turn would
  /// come after the connect's deadline are not made.
  attempt_limiter_options rate;
  /// Policy `hash`: who connects, as of hash_of_key(), where async_connect is not told.
  std::optional<std::uint64_t> key;
  /// A record set with a shorter TTL, 0 included, counts as having this one: a connect that finds
  /// it older than that waits for the next.
  std::chrono::milliseconds min_interval{1000};
  /// How long after a connect its service is refreshed by itself, so that the next connect finds it
  /// fresh; keeps the executor's context busy for so long. 0: a connect starts the refresh that is
  /// due, and waits for it only where all that is known is past its TTL. max(): for as long as the
  /// connector lives, or until close().
  std::chrono::milliseconds keep_fresh{0};
  /// Each connection tells how its order was drawn (connection::plan).
  bool trace = false;
  /// What is known of services beyond this number is forgotten, the longest unused first; of those
  /// being connected to, never.
  std::size_t max_services = 1000;
};

}  // namespace sdconnect
