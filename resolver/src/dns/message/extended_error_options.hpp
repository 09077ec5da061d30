/// \file
/// Reads the extended errors among the options of an OPT record.
#pragma once

#include "sdconnect/dns/extended_error.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Appends the extended errors of `options`, the data of an OPT record (RFC 6891 §6.1.2), to `out`:
/// each once, at most max_extended_errors in all. Ignores malformed options (RFC 8914 §2). Does not
/// allocate if there are none.
void append_extended_errors(std::span<const std::uint8_t> options, std::vector<extended_error>& out);

}  // namespace sdconnect::detail
