/// \file
/// What an answer costs in memory, for the cache's bound.
#pragma once

#include "sdconnect/dns/answer.hpp"

#include <cstddef>
#include <string>

namespace sdconnect::detail {

/// The heap behind a std::shared_ptr<const answer>: the answer and all that its vectors and strings
/// hold, with what the allocator adds to each block. An estimate, within a few percent.
[[nodiscard]] std::size_t heap_size(const answer& a) noexcept;
[[nodiscard]] std::size_t heap_size(const std::string& text) noexcept;

}  // namespace sdconnect::detail
