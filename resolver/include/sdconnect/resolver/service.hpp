/// \file
/// Result of discovery: instances, endpoints, and how they were found.
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
  address,   ///< neither; addresses of the name itself with the caller's port
};
/// "none", "type", "instance", "address".
[[nodiscard]] std::string_view to_string(service_kind kind) noexcept;

struct service_instance {
  name fullname;
  std::string label;           ///< the leftmost label, raw octets
  txt_record txt;              ///< the smallest if there are several; empty and missing are the same (RFC 6763 §6.1)
  error_code txt_status;       ///< why the TXT record is unknown
  std::chrono::seconds ttl{};  ///< of the PTR record, or of the SRV records if the query names the instance
  bool foreign = false;        ///< in another domain than the queried one (RFC 6763 §4.2)
  error_code status;           ///< why the instance has no endpoints
};

/// A plain value. With an error it holds the results before the error.
struct service {
  name query;
  service_kind kind = service_kind::none;
  std::vector<service_instance> instances;  ///< sorted by name
  std::vector<endpoint> endpoints;          ///< merged over the instances, in the stable order of merge_endpoints
  std::vector<std::string> warnings;        ///< escaped for display
  std::string server;                       ///< the server that answered last
  bool stale = false;                       ///< holds data kept beyond their TTL because DNS gave no answer
  bool authenticated = false;               ///< every record set used came with the AD bit of a trusted server
  /// DNS answered every question that matters, within the TTLs, and no limit left anything out. If
  /// false, `warnings` names what is missing.
  bool complete = false;
  bool has_all_endpoints = false;     ///< the same, except for TXT records and addresses
  std::vector<name> left_out;         ///< instances that the conditions exclude, the first max_named
  std::size_t left_out_count = 0;     ///< number of all such instances
  std::vector<question> additional;   ///< record sets used that came with another answer, the first max_named
  std::size_t dropped_records = 0;    ///< records in the answers that were malformed, or of a foreign owner or class
  std::vector<query_report> queries;  ///< in the order of completion; the first max_named
  std::size_t queries_left_out = 0;   ///< number of queries after those
};

/// Maximum number of endpoints: 3 full TCP messages of SRV records. The resolver omits further
/// ones, with a warning.
inline constexpr std::size_t max_endpoints = 10000;

/// Maximum number of names in lists that only explain a result.
inline constexpr std::size_t max_named = 1000;

/// Maximum number of addresses of one target. The resolver omits further ones, with a warning: many
/// records of one target with many addresses would otherwise multiply to more memory than any
/// service needs.
inline constexpr std::size_t max_addresses_per_target = 256;

/// One PTR record of a name: an instance of a type, a service type of a domain, or a browsing
/// domain.
struct browse_entry {
  name target;
  std::chrono::seconds ttl{};
};

struct browse_result {
  name query;
  std::vector<browse_entry> entries;  ///< without duplicates, in the order of their names
  std::vector<std::string> warnings;
  std::string server;
  bool stale = false;
  bool authenticated = false;
  bool complete = false;  ///< DNS answered, within the TTL
  std::vector<query_report> queries;
};

}  // namespace sdconnect
