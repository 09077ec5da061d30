/// \file
/// How a command chooses an endpoint: with the connector's own code, so that a seed gives the same
/// choice everywhere.
#pragma once

#include "sd-connect/options/options.hpp"
#include "sdconnect/balancer/balancer.hpp"
#include "sdconnect/net/random.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace sdconnect::cli {

/// Options of a balancer for one run of the program.
[[nodiscard]] balancer_options balancing(const options& opts);

/// Returns the key for policy hash: that of --hash-key, or else a new random key. Returns nullopt
/// for other policies.
[[nodiscard]] std::optional<std::uint64_t> next_key(const options& opts, random_engine& random);

/// Returns the address of the endpoint that the first connect with this --seed tries first. Without
/// --seed it is one of those that take turns (FAULTS O23). Nothing if the endpoint has none that can
/// be connected to.
[[nodiscard]] std::optional<ip_address> first_address(const options& opts, const endpoint& e);

/// Returns the endpoints that a connector would try, in its order, with a trace of the choice.
[[nodiscard]] attempt_plan plan_of(const options& opts, std::span<const endpoint> endpoints, random_engine& random);

}  // namespace sdconnect::cli
