/// \file
/// Reads the records of a master file in wire form. The only code that uses ldns for zones, and
/// only on local text.
#pragma once

#include "sdconnect/dns/records.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sdconnect::detail {

inline constexpr auto rr_type_mx = static_cast<rr_type>(15);  // served, although this client never asks for it

struct zone_record {
  name owner;
  rr_type type{};
  std::uint32_t ttl = 0;
  std::vector<std::uint8_t> rdata;  ///< uncompressed, letter case as written
  int line = 0;
};

/// Positions of the names in a type's RDATA.
struct rdata_layout {
  std::size_t first_name = 0;
  std::size_t names = 0;
  std::size_t behind_names = 0;
  bool is_compressible = false;  ///< RFC 3597 §4: names may be compressed only in types of RFC 1035
};
[[nodiscard]] rdata_layout layout_of(rr_type type) noexcept;

/// Returns the first name in checked RDATA, for a type that has one.
[[nodiscard]] name name_in(rr_type type, std::span<const std::uint8_t> rdata);

/// Returns every record in the order of the file; RDATA of the types known here has the right
/// shape. Without `origin` and $ORIGIN, relative names are below the owner of the SOA record.
/// Throws zone_fault.
[[nodiscard]] std::vector<zone_record> read_zone_records(std::string_view text, const std::optional<name>& origin);

}  // namespace sdconnect::detail
