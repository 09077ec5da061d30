/// \file
/// Reads the file resolv.conf and detects its changes.
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace sdconnect::detail {

/// Result of stat(2) for a file, following links. Equal states most likely mean equal content.
struct file_state {
  bool exists = false;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_s = 0, modified_ns = 0;  // content
  std::int64_t changed_s = 0, changed_ns = 0;    // content or owner, mode, links; cannot be set back

  friend bool operator==(const file_state&, const file_state&) = default;
};

/// Only a missing file has `exists` false; a file that cannot be examined exists, with all numbers
/// zero.
[[nodiscard]] file_state state_of(const std::filesystem::path& file);

/// Returns the text of the file; empty for a missing file. Errors: as resolv_conf::load.
[[nodiscard]] result<std::string> read_resolv_conf(const std::filesystem::path& file);

}  // namespace sdconnect::detail
