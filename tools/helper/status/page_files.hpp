/// \file
/// The files of the status page, compiled into the program (page/, cmake/EmbedFiles.cmake).
#pragma once

#include <span>
#include <string_view>

namespace sdconnect::helper {

struct page_file {
  std::string_view path;  ///< "app.js"
  std::string_view content;
};

[[nodiscard]] std::span<const page_file> page_files() noexcept;

}  // namespace sdconnect::helper
