/// \file
/// --explain: the whole story on stderr. Every question with its server, transport, time and
/// result; what the name turned out to be; the tiers with weights and shares; how one was chosen;
/// every attempt to connect. As one JSON object with --json.
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

/// Views into what it was made of.
struct explanation {
  name query;
  service_kind kind = service_kind::none;
  bool is_browse = false;  ///< only `query` and `queries` say something
  error_code error;
  std::span<const query_report> queries;
  std::span<const service_instance> instances;
  std::span<const endpoint> endpoints;
  std::span<const std::string> warnings;
  std::span<const connect_attempt> attempts;
  selection_policy policy{};
  bool authenticated = false;
  std::optional<std::string> hash_key;

  const selection_trace* decision = nullptr;  ///< of `endpoints`; null where none was made
  std::span<const std::uint32_t> order;       ///< in which they were to be tried; empty where only one was chosen
  std::span<const endpoint_health> health;    ///< of each endpoint when it was chosen; empty: nothing was known
  endpoint_health::time_point now{};          ///< of the choice, where health was known

  [[nodiscard]] static explanation of(const options& opts, error_code ec, const service& found);
  [[nodiscard]] static explanation of(const options& opts, error_code ec, const connection& made);
  [[nodiscard]] static explanation of(error_code ec, const browse_result& found);

  /// How endpoints were chosen. `plan` is one of `endpoints`.
  void tell(const attempt_plan& plan);
};

/// Of the PTR records, those whose instances no wish of the user's let through.
[[nodiscard]] std::size_t instances_left_out(const explanation& story);
/// The targets with addresses nobody asked for: additional records of other answers (RFC 6763 §12).
[[nodiscard]] std::vector<name> came_along(const explanation& story);

/// Prints on stderr, in the form that `opts` asks for.
void explain(const options& opts, const explanation& story);

/// For people; every line ends with a newline.
[[nodiscard]] std::string explanation_text(const explanation& story);

}  // namespace sdconnect::cli
