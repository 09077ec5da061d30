/// \file
/// Reads a whole file as text.
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace sdconnect::detail {

enum class file_kind {
  regular,  ///< opens no other kind: a FIFO without a writer would block
  any,
};

/// Errors: those of the operating system; file_too_large for more than `max_size` octets;
/// is_a_directory or invalid_argument for a file that is not of the `accepted` kind.
[[nodiscard]] result<std::string> read_file(const std::filesystem::path& file, std::size_t max_size,
                                            file_kind accepted);

}  // namespace sdconnect::detail
