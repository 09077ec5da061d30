/// \file
/// Options of racing, balancing, retrying and rate limiting.
#pragma once

#include "sdconnect/balancer/attempt_limiter.hpp"
#include "sdconnect/balancer/balancer_options.hpp"
#include "sdconnect/balancer/retry_budget.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/dns/name.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace sdconnect {

/// Options of one race for a connection.
struct connect_options {
  /// Time limit of each attempt; max(): only the deadline.
  std::chrono::milliseconds attempt_timeout{2000};
  /// Head start of each attempt before the next address is tried in parallel (RFC 8305 §5); limited
  /// to the range from 10 ms to 2 s (§8).
  std::chrono::milliseconds attempt_delay{250};
  /// Hedging: once in each race, if the latest attempt has had no answer for this time, the next
  /// endpoint of its tier is tried in parallel. Has an effect only if shorter than `attempt_delay`.
  /// Costs a retry, but no health: an attempt that loses to a hedge has not failed.
  std::optional<std::chrono::milliseconds> hedge_delay;
  bool use_ipv4 = true;
  bool use_ipv6 = true;
  /// Connector only: returns whether a connect to `service` (service_query::qname) may try this
  /// address of an endpoint; one that may not fails with errc::refused_address. For programs that
  /// connect on behalf of others, and must not connect to themselves or into their own network.
  /// Called in any thread, with a lock held: it must not call the connector. Unset: all that
  /// ip_address::is_connectable admits.
  std::function<bool(const name& service, const endpoint& to, const ip_address& at)> admits = {};
  /// Executor of the resulting socket; unset: that of the connector, or the one passed to
  /// async_connect_in_order. Its context must outlive every connect under way, but need not run
  /// before the connect ends.
  boost::asio::any_io_executor socket_executor = {};
};

/// Options of a connector. Its limits on attempts hold for all its services and copies together.
struct connector_options {
  connect_options connecting;
  /// For each service. If `seed` is set, every service draws from that seed; otherwise each is
  /// seeded from the connector's generator.
  balancer_options balancing;
  /// The first attempt of each connect is free; each further one (failover, another address in
  /// parallel, a hedge) takes from this budget. While the budget is empty, a connect makes no
  /// further attempt, and fails with errc::unreachable if none is under way. Unset: no budget,
  /// every endpoint is tried; for programs that connect once.
  std::optional<retry_budget_options> retries = retry_budget_options();
  /// Attempts that would exceed this rate wait for their turn, including the first. An attempt
  /// whose turn would come after the connect's deadline is not made.
  attempt_limiter_options rate;
  /// Policy `hash`: the key of this client, for example a result of hash_of_key(); used if
  /// async_connect gets no key.
  std::optional<std::uint64_t> key;
  /// A record set with a shorter TTL, including 0, counts as having this one: a connect that finds
  /// an older record set waits for a new answer.
  std::chrono::milliseconds min_interval{1000};
  /// For this time after a connect, the connector refreshes the service by itself, so that the next
  /// connect finds fresh records; this keeps the executor's context busy. 0: a connect starts the
  /// refresh that is due, and waits for it only if all that is known is past its TTL. max(): as
  /// long as the connector lives, or until close().
  std::chrono::milliseconds keep_fresh{0};
  /// Each connection tells how its order of endpoints was drawn (connection::plan).
  bool trace = false;
  /// Maximum number of services kept. Beyond it the connector forgets the service that was unused
  /// the longest, but never one with a connect under way.
  std::size_t max_services = 1000;
};

}  // namespace sdconnect
