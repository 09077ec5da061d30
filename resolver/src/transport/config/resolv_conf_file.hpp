/// \file
/// resolv.conf as a file: its text, and what tells one state of it from the next.
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace sdconnect::detail {

/// What stat(2) says of a file, links followed. Equal: most likely the same content.
struct file_state {
  bool exists = false;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_s = 0, modified_ns = 0;  // content
  std::int64_t changed_s = 0, changed_ns = 0;    // content or owner, mode, links; cannot be set back

  friend bool operator==(const file_state&, const file_state&) = default;
};

/// Only a missing file does not exist; one that cannot be looked at is an existing one of zeros.
[[nodiscard]] file_state state_of(const std::filesystem::path& file);

/// A missing file reads as empty. Errors: as resolv_conf::load.
[[nodiscard]] result<std::string> read_resolv_conf(const std::filesystem::path& file);

}  // namespace sdconnect::detail
