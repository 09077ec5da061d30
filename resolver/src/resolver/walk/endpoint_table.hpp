/// \file
/// Makes endpoints from what a walk found: the SRV records of each instance, and the addresses of
/// each target.
#pragma once

#include "resolver/walk/srv_sets.hpp"
#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/resolver/service.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// The usable SRV records of one instance.
struct instance_records {
  std::optional<name> instance;  ///< empty: the addresses of a name with the caller's port
  std::shared_ptr<const srv_set> records;
  std::chrono::seconds ttl{};
};

/// The addresses of one target.
struct target_addresses {
  name target;
  std::vector<ip_address> addresses;
  std::chrono::seconds ttl = std::chrono::seconds::max();
  error_code unresolved;      ///< why there is no address
  bool ipv4_unknown = false;  ///< the addresses of this family are unknown
  bool ipv6_unknown = false;
};

/// Sorts by target; the functions below need that order.
void sort_by_target(std::vector<target_addresses>& targets);
[[nodiscard]] const target_addresses* find_target(std::span<const target_addresses> sorted, const name& target);

struct endpoint_table {
  std::vector<endpoint> endpoints;     ///< merged and sorted as merge_endpoints() does
  std::size_t over_limit = 0;          ///< endpoints above max_endpoints, left out
  std::size_t instances_left_out = 0;  ///< names of instances that their endpoints do not list
  std::size_t addresses_left_out = 0;
};

/// Merges records before it makes endpoints of them, and counts the instances that share a set of
/// records, so that the cost grows with the number of different records (FAULTS O7). All endpoints
/// together list at most 2 * max_endpoints instances, but at least one each, and as many addresses
/// as address_budget admits.
[[nodiscard]] endpoint_table make_endpoints(std::span<const instance_records> instances,
                                            std::span<const target_addresses> sorted_targets);

/// Limits of addresses for a whole service: a target may have `few` of each family in any case, and
/// more only as long as all targets together have less than `most`. Each address takes up to half a
/// kilobyte while a connect tries it.
class address_budget {
 public:
  static constexpr std::size_t few = 1;
  static constexpr std::size_t most = 2 * max_endpoints;

  /// Whether `to` may get one more address of the family; counts it.
  [[nodiscard]] bool admit(const std::vector<ip_address>& to, ip_family family);

 private:
  std::size_t count_ = 0;
};

}  // namespace sdconnect::detail
