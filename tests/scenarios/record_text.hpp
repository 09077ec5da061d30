/// \file
/// Converts records in master-file form to octets with ldns, which the library does not use for
/// reading.
#pragma once

#include "scenarios/script.hpp"
#include "scenarios/values.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sdconnect::scenario {

struct wire_record {
  std::size_t section = 1;  ///< 1: answer, 2: authority, 3: additional
  octets owner;             ///< in wire format
  bool is_owner_raw = false;
  int type = 0;
  int rclass = 1;
  std::uint32_t ttl = 0;
  octets rdata;
  std::optional<std::size_t> rdlength;  ///< false on purpose
};

/// A line below `reply message`; appends its records.
void append_records(const script_line& line, std::vector<wire_record>& out);

}  // namespace sdconnect::scenario
