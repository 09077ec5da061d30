/// \file
/// What discovery found: instances, endpoints, and how it was found.
#pragma once

#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/dns/txt.hpp"
#include "sdconnect/transport/query_report.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect {

enum class service_kind {
  none,      ///< nothing was found
  type,      ///< PTR records lead to instances
  instance,  ///< SRV records at the name itself
  address,   ///< neither; the name's own addresses with the caller's port
};
/// "none", "type", "instance", "address".
[[nodiscard]] std::string_view to_string(service_kind kind) noexcept;

struct service_instance {
  name fullname;
  std::string label;           ///< the leftmost label, raw octets
  txt_record txt;              ///< the first TXT record; empty and missing are the same (RFC 6763 §6.1)
  error_code txt_status;       ///< why nothing is known of the TXT record
  std::chrono::seconds ttl{};  ///< of the PTR record, or of the SRV records when asked for directly
  bool foreign = false;        ///< lies in another domain than the one asked (RFC 6763 §4.2)
  error_code status;           ///< why it has no endpoints
};

/// A plain value. With an error it holds what was learned before the error.
struct service {
  name query;
  service_kind kind = service_kind::none;
  std::vector<service_instance> instances;
  std::vector<endpoint> endpoints;    ///< merged over the instances, in the stable order of merge_endpoints
  std::vector<std::string> warnings;  ///< escaped for display
  std::string server;                 ///< the last one to answer
  bool stale = false;                 ///< kept beyond its TTL because DNS gave no answer
  bool authenticated = false;         ///< every record set used came with the AD bit of a trusted server
  std::size_t dropped_records = 0;    ///< of the answers: malformed, or of a foreign owner or class
  std::vector<query_report> queries;  ///< in the order of completion
};

/// Endpoints above this number are left out, with a warning: 3 full TCP messages of SRV records.
inline constexpr std::size_t max_endpoints = 10000;

/// Addresses of one target above this number are left out, with a warning: many records of one
/// target with many addresses would otherwise multiply to more memory than any service needs.
inline constexpr std::size_t max_addresses_per_target = 256;

/// Instances of a type, service types of a domain, or browsing domains: the PTR records of one
/// name.
struct browse_entry {
  name target;
  std::chrono::seconds ttl{};
};

struct browse_result {
  name query;
  std::vector<browse_entry> entries;  ///< each once, in the order of their names
  std::vector<std::string> warnings;
  std::string server;
  bool stale = false;
  bool authenticated = false;
  std::vector<query_report> queries;
};

}  // namespace sdconnect
