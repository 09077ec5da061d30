/// \file
/// The lines below `expect NAME` and `expect view NAME`: what must hold of a resolution, a question
/// or a view.
#pragma once

#include "scenarios/script.hpp"
#include "scenarios/users.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace sdconnect::scenario {

/// What does not hold, with the line of the file.
using complain = std::function<void(const script_line& line, const std::string& seen)>;

/// `number_of` finds a server's number by its label.
void check_outcome(const script_line& expectation, const outcome& seen,
                   const std::function<std::string(std::string_view label)>& number_of, const complain& failed);

}  // namespace sdconnect::scenario
