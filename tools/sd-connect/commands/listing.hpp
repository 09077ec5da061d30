/// \file
/// The results of browse, pick and check, before formatting.
#pragma once

#include "sdconnect/balancer/policy.hpp"
#include "sdconnect/balancer/selection_trace.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "sdconnect/resolver/resolver.hpp"
#include "text/table.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

inline constexpr column ttl_column{.title = "TTL", .field = "ttl_s", .right_aligned = true};

/// A browsable domain of a zone, with all data the zone has about it.
struct domain_listing {
  name domain;
  std::vector<domain_enumeration> kinds;
  std::chrono::seconds ttl{};
};

/// Returns whether an instance of the queried type is in another domain (RFC 6763 §4.2).
[[nodiscard]] inline bool is_foreign(const name& instance, const name& type) {
  const std::optional<service_labels> parts = split_service_name(type);
  return parts && !instance.is_at_or_below(parts->domain);
}

/// Returns the label for this kind of query (RFC 6763 §11).
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

/// How often each endpoint was chosen, and the expected shares.
struct pick_tally {
  name query;
  std::uint64_t picks = 0;
  selection_policy policy{};
  std::vector<endpoint> endpoints;
  std::vector<std::uint64_t> counts;
  std::vector<double> shares;
  /// Unset if the counts do not come from independent draws: policies ordered and least-loaded, and
  /// a fixed hash key.
  std::optional<double> chi_square_p;
  selection_trace first;                         ///< how the first pick was chosen
  std::optional<ip_address> first_address = {};  ///< the address of that endpoint which a connect tries first
  bool is_complete = false;                      ///< service::complete
};

/// The result of checking one endpoint, or one address of it.
struct endpoint_check {
  endpoint where;
  error_code error = {};                                       ///< success: the endpoint passed
  std::optional<ip_address> address = {};                      ///< the connected address, else the last one tried
  std::chrono::microseconds elapsed = {};                      ///< until the result was known
  std::optional<std::chrono::microseconds> connect_time = {};  ///< until connected, if the check does more than connect
  std::string tls_version = {};
  std::optional<unsigned> http_status = {};
  std::optional<int> exit_code = {};
  std::size_t number = 0;  ///< of the endpoint in the service
};

}  // namespace sdconnect::cli
