/// \file
/// The lines below `expect NAME` and `expect view NAME`: conditions on a resolution, a question or
/// a view.
#pragma once

#include "scenarios/script.hpp"
#include "scenarios/users.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace sdconnect::scenario {

/// Reports a condition that does not hold, with its line in the file.
using complain = std::function<void(const script_line& line, const std::string& seen)>;

/// `number_of` returns a server's number for its label.
void check_outcome(const script_line& expectation, const outcome& seen,
                   const std::function<std::string(std::string_view label)>& number_of, const complain& failed);

}  // namespace sdconnect::scenario
