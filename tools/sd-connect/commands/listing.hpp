/// \file
/// What browse, pick and check found, before it is put into a form.
#pragma once

#include "sdconnect/balancer/policy.hpp"
#include "sdconnect/balancer/selection_trace.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "sdconnect/resolver/resolver.hpp"
#include "text/table.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

inline constexpr column ttl_column{.title = "TTL", .field = "ttl_s", .right_aligned = true};

/// The names of a zone that can be browsed, with all it says about them.
struct domain_listing {
  name domain;
  std::vector<domain_enumeration> kinds;
  std::chrono::seconds ttl{};
};

/// Whether an instance of the type asked for lies in another domain (RFC 6763 §4.2).
[[nodiscard]] inline bool is_foreign(const name& instance, const name& type) {
  const std::optional<service_labels> parts = split_service_name(type);
  return parts && !instance.is_at_or_below(parts->domain);
}

/// The label that asks for them (RFC 6763 §11).
[[nodiscard]] constexpr std::string_view label_of(domain_enumeration kind) noexcept {
  switch (kind) {
    case domain_enumeration::browse: return "b";
    case domain_enumeration::default_browse: return "db";
    case domain_enumeration::registration: return "r";
    case domain_enumeration::default_registration: return "dr";
    case domain_enumeration::legacy_browse: return "lb";
  }
  return {};
}

/// How often each endpoint was chosen, beside what was to be expected.
struct pick_tally {
  std::uint64_t picks = 0;
  selection_policy policy{};
  std::vector<endpoint> endpoints;
  std::vector<std::uint64_t> counts;
  std::vector<double> shares;
  /// Unset where the counts are not those of independent draws: policies ordered and least-loaded,
  /// and one hash key.
  std::optional<double> chi_square_p;
  selection_trace first;  ///< how the first of them was chosen
};

/// One endpoint after it was tried.
struct endpoint_check {
  endpoint where;
  error_code error;                                            ///< success: well
  std::optional<ip_address> address;                           ///< the one connected to, else the last one tried
  std::chrono::microseconds elapsed{};                         ///< until it was known
  std::optional<std::chrono::microseconds> connect_time = {};  ///< until connected, where that is not the whole check
  std::string tls_version = {};
  std::optional<unsigned> http_status = {};
  std::optional<int> exit_code = {};
};

}  // namespace sdconnect::cli
