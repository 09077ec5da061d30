/// \file
/// Makes octets from the network safe to show on a terminal while they stream by (FAULTS L23).
#pragma once

#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Text as it is, line ends and tabs included; every octet that is not printable as \DDD. A
/// backslash stays single, other than in sdconnect::escaped: a page is read by a person, not parsed
/// back. CR LF becomes LF.
class terminal_text {
 public:
  /// What can be shown so far. A character cut in two by the end of `octets` waits for its other
  /// half.
  [[nodiscard]] std::string put(std::string_view octets);
  /// The rest.
  [[nodiscard]] std::string finish();

 private:
  std::string held_back_;  // at most 3 octets
};

}  // namespace sdconnect::cli
