/// \file
/// A loaded zone prepared for replies: RDATA in wire form, and every link that a reply follows
/// already resolved.
#pragma once

#include "dns/zone/zone_reader.hpp"
#include "sdconnect/dns/records.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace sdconnect::detail {

struct zone_node;

struct zone_rr {
  std::vector<std::uint8_t> rdata;
  const zone_node* target = nullptr;  ///< for PTR, SRV, NS, MX and CNAME, if the target is a name of this zone
};

struct zone_rrset {
  rr_type type{};
  std::uint32_t ttl = 0;
  std::vector<zone_rr> records;
};

/// An existing name; without RRsets it is an empty non-terminal (RFC 4592 §2.2.2).
struct zone_node {
  name owner;
  std::vector<zone_rrset> rrsets;
  const zone_node* cut = nullptr;       ///< the delegation at or above this name (RFC 1034 §4.2.1)
  const zone_node* wildcard = nullptr;  ///< the child "*", source of synthesis (RFC 4592 §3.3.1)

  [[nodiscard]] const zone_rrset* find(rr_type type) const noexcept {
    for (const zone_rrset& set : rrsets) {
      if (set.type == type) return &set;
    }
    return nullptr;
  }
};

struct zone_data {
  std::unordered_map<name, zone_node> nodes;  // its nodes never move
  const zone_node* apex = nullptr;
  std::uint32_t negative_ttl = 0;  ///< the lower of the SOA's TTL and MINIMUM (RFC 2308 §3)
  std::size_t record_count = 0;

  [[nodiscard]] const zone_node* find(const name& owner) const {
    const auto found = nodes.find(owner);
    return found == nodes.end() ? nullptr : &found->second;
  }
};

/// Throws zone_fault for contents that a zone must not have.
[[nodiscard]] std::unique_ptr<const zone_data> build_zone(std::vector<zone_record> records);

}  // namespace sdconnect::detail
