/// \file
/// --explain: the full report on stderr. It lists every query with its server, transport, time and
/// result; the kind of name found; the tiers with weights and shares; how the endpoint was chosen;
/// and every connection attempt. With --json it is one JSON object.
#pragma once

#include "sd-connect/options/options.hpp"
#include "sdconnect/balancer/selection_trace.hpp"
#include "sdconnect/connect/connection.hpp"
#include "sdconnect/resolver/service.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sdconnect::cli {

/// Refers to the objects it was made from, which must outlive it.
struct explanation {
  name query;
  service_kind kind = service_kind::none;
  bool is_browse = false;  ///< if true, only `query` and `queries` are used
  error_code error;
  std::span<const query_report> queries;
  std::size_t queries_left_out = 0;  ///< number of queries after those
  std::span<const service_instance> instances;
  std::span<const endpoint> endpoints;
  std::span<const question> additional;  ///< record sets that came with other answers (RFC 6763 §12)
  std::span<const std::string> warnings;
  std::span<const connect_attempt> attempts;
  std::span<const untried_endpoint> untried;  ///< endpoints for which no time was left
  selection_policy policy{};
  bool authenticated = false;
  bool complete = false;  ///< DNS answered every question that matters
  std::optional<std::string> hash_key;

  const selection_trace* decision = nullptr;  ///< about `endpoints`; null if none was made
  std::span<const std::uint32_t> order;       ///< order of the attempts; empty if only one endpoint was chosen
  std::span<const endpoint_health> health;    ///< of each endpoint at the time of the choice; empty if unknown
  endpoint_health::time_point now{};          ///< time of the choice, if health is known

  [[nodiscard]] static explanation of(const options& opts, error_code ec, const service& found);
  [[nodiscard]] static explanation of(const options& opts, error_code ec, const connection& made);
  [[nodiscard]] static explanation of(error_code ec, const browse_result& found);

  /// Adds how endpoints were chosen. `plan` must be about `endpoints`.
  void tell(const attempt_plan& plan);
};

/// Number of PTR records whose instances the user's conditions exclude.
[[nodiscard]] std::size_t instances_left_out(const explanation& story);

/// Prints on stderr, in the format that `opts` selects.
void explain(const options& opts, const explanation& story);

/// Text for people; every line ends with a newline.
[[nodiscard]] std::string explanation_text(const explanation& story);

}  // namespace sdconnect::cli
