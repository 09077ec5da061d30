/// \file
/// Makes octets from the network safe to show on a terminal while they are received (FAULTS L23).
#pragma once

#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Keeps text, line ends and tabs, and writes every octet that is not printable as \DDD. Unlike
/// sdconnect::escaped it does not double a backslash: a person reads the page, and no program
/// parses it back. CR LF becomes LF.
class terminal_text {
 public:
  /// Returns the text that can be shown so far. Keeps a character that is split at the end of
  /// `octets` until its other octets arrive.
  [[nodiscard]] std::string put(std::string_view octets);
  /// Returns the rest.
  [[nodiscard]] std::string finish();

 private:
  std::string held_back_;  // at most 3 octets
};

}  // namespace sdconnect::cli
