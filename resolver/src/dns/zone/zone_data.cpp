#include "dns/zone/zone_data.hpp"

#include "dns/zone/zone_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

namespace sdconnect::detail {
namespace {

constexpr auto rrsig = static_cast<rr_type>(46);
constexpr auto nsec = static_cast<rr_type>(47);

const zone_record& only_soa(const std::vector<zone_record>& records) {
  const zone_record* soa = nullptr;
  for (const zone_record& record : records) {
    if (record.type != rr_type::soa) continue;
    if (soa != nullptr)
      throw zone_fault{record.line, fmt::format("second SOA record, the first is in line {}", soa->line)};
    soa = &record;
  }
  if (soa == nullptr) throw zone_fault{0, "no SOA record"};
  return *soa;
}

// Returns owner, type and data in a form in which equal records have equal octets: names are folded
// to lower case.
std::string comparable(const zone_record& record) {
  std::string key;
  const auto add_folded = [&key](auto octets) {
    for (const std::uint8_t octet : octets) key += static_cast<char>(octet >= 'A' && octet <= 'Z' ? octet + 32 : octet);
  };
  add_folded(record.owner.wire());
  key += static_cast<char>(static_cast<unsigned>(record.type) >> 8);
  key += static_cast<char>(static_cast<unsigned>(record.type) & 0xFF);
  const rdata_layout layout = layout_of(record.type);
  if (layout.names == 0) return key.append(record.rdata.begin(), record.rdata.end());
  const std::span<const std::uint8_t> rdata(record.rdata);
  key.append(rdata.begin(), rdata.begin() + static_cast<std::ptrdiff_t>(layout.first_name));
  add_folded(rdata.subspan(layout.first_name));
  return key;
}

// Returns the node of `owner`. Adds it, and the nodes of all names between it and the apex.
zone_node& node_for(zone_data& zone, const name& owner, const name& apex) {
  const auto [at, is_new] = zone.nodes.try_emplace(owner);
  zone_node& node = at->second;
  if (!is_new) return node;
  node.owner = owner;
  if (owner == apex) return node;
  zone_node& parent = node_for(zone, owner.parent(), apex);
  if (owner.first_label() == "*") parent.wildcard = &node;
  return node;
}

void add(zone_node& node, zone_record record) {
  const bool is_alias = record.type == rr_type::cname;
  for (const zone_rrset& other : node.rrsets) {
    if (other.type == record.type) {
      if (is_alias || record.type == rr_type::dname) {
        throw zone_fault{record.line, fmt::format("second {} of {}", to_string(record.type), record.owner.to_text())};
      }
      continue;
    }
    const bool both_allowed = other.type == rrsig || other.type == nsec || record.type == rrsig || record.type == nsec;
    if ((is_alias || other.type == rr_type::cname) && !both_allowed) {  // RFC 2181 §10.1
      throw zone_fault{record.line, fmt::format("CNAME beside other data of {}", record.owner.to_text())};
    }
  }
  auto set = std::ranges::find(node.rrsets, record.type, &zone_rrset::type);
  if (set == node.rrsets.end()) {
    node.rrsets.push_back({record.type, record.ttl, {}});
    set = node.rrsets.end() - 1;
  }
  set->ttl = std::min(set->ttl, record.ttl);  // RFC 2181 §5.2 requires one TTL; readers assume the lowest
  set->records.push_back({std::move(record.rdata), nullptr});
}

void link(zone_data& zone, zone_node& node) {
  for (const zone_node* above = &node; above != zone.apex; above = zone.find(above->owner.parent())) {
    if (above != &node && above->find(rr_type::dname) != nullptr) {  // RFC 6672 §2.4
      throw zone_fault{0, fmt::format("{} is below the DNAME of {}", node.owner.to_text(), above->owner.to_text())};
    }
    if (above->find(rr_type::ns) != nullptr) node.cut = above;  // the one seen last is nearest to the apex
  }
  if (&node != zone.apex && zone.apex->find(rr_type::dname) != nullptr) {
    throw zone_fault{0, fmt::format("{} is below the DNAME of the apex", node.owner.to_text())};
  }
  for (zone_rrset& set : node.rrsets) {
    if (layout_of(set.type).names != 1) continue;
    for (zone_rr& rr : set.records) rr.target = zone.find(name_in(set.type, rr.rdata));
  }
}

}  // namespace

std::unique_ptr<const zone_data> build_zone(std::vector<zone_record> records) {
  const zone_record& soa = only_soa(records);
  const name apex = soa.owner;
  const auto minimum = std::span(soa.rdata).last(4);

  auto zone = std::make_unique<zone_data>();
  zone->negative_ttl =
      std::min(soa.ttl, static_cast<std::uint32_t>(minimum[0]) << 24 | static_cast<std::uint32_t>(minimum[1]) << 16 |
                            static_cast<std::uint32_t>(minimum[2]) << 8 | minimum[3]);
  std::unordered_set<std::string> seen;
  for (zone_record& record : records) {
    if (!record.owner.is_at_or_below(apex)) {
      throw zone_fault{record.line, fmt::format("{} is outside the zone {}", record.owner.to_text(), apex.to_text())};
    }
    if (!seen.insert(comparable(record)).second) continue;  // an RRset is a set (RFC 2181 §5)
    ++zone->record_count;
    add(node_for(*zone, record.owner, apex), std::move(record));
  }
  zone->apex = zone->find(apex);
  for (auto& [owner, node] : zone->nodes) link(*zone, node);
  return zone;
}

}  // namespace sdconnect::detail
