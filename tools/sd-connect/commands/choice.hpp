/// \file
/// The choice a command goes by: the connector's own, so that a seed gives the same everywhere.
#pragma once

#include "sd-connect/options/options.hpp"
#include "sdconnect/balancer/balancer.hpp"
#include "sdconnect/net/random.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace sdconnect::cli {

/// Of a balancer for one run of the program.
[[nodiscard]] balancer_options balancing(const options& opts);

/// Policy hash: the key of --hash-key, or without it a fresh one. Nothing for the others.
[[nodiscard]] std::optional<std::uint64_t> next_key(const options& opts, random_engine& random);

/// What a connector would try, in its order, with how that was drawn.
[[nodiscard]] attempt_plan plan_of(const options& opts, std::span<const endpoint> endpoints, random_engine& random);

}  // namespace sdconnect::cli
