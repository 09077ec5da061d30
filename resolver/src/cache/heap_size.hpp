/// \file
/// Memory size of an answer, for the cache's limit.
#pragma once

#include "sdconnect/dns/answer.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sdconnect::detail {

/// Returns the heap size of a std::shared_ptr<const answer>: the answer, everything that its
/// vectors and strings hold, and the allocator's overhead per block. An estimate, accurate within a
/// few percent.
[[nodiscard]] std::size_t heap_size(const answer& a) noexcept;
[[nodiscard]] std::size_t heap_size(const std::string& text) noexcept;
[[nodiscard]] std::size_t heap_size(const std::vector<extended_error>& errors) noexcept;

}  // namespace sdconnect::detail
