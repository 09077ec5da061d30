/// \file
/// A host's name as programs other than name servers write it.
#pragma once

#include "sdconnect/dns/name.hpp"

#include <string>

namespace sdconnect {

/// Without the final dot; "." for the root.
[[nodiscard]] inline std::string host_text(const name& host) {
  std::string text = host.to_text();
  if (!host.is_root()) text.pop_back();
  return text;
}

}  // namespace sdconnect
