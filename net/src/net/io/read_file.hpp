/// \file
/// A whole file as text.
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace sdconnect::detail {

enum class file_kind {
  regular,  ///< nothing else is opened: a FIFO without a writer would block
  any,
};

/// Errors: of the operating system; file_too_large for more than `max_size` octets;
/// invalid_argument for a file of another kind than `accepted`.
[[nodiscard]] result<std::string> read_file(const std::filesystem::path& file, std::size_t max_size,
                                            file_kind accepted);

}  // namespace sdconnect::detail
