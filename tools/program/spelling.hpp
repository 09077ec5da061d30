/// \file
/// Finds what the user probably meant by a mistyped word.
#pragma once

#include "program/description.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Number of letters to insert, remove, replace or swap with their neighbour until `a` is `b`.
/// Ignores ASCII case.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// Returns the candidate that `word` is most likely a mistyped or shortened form of: one that begins
/// with `word`, or the closest by edit distance. Empty if none is close.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// The same for the commands of a program.
[[nodiscard]] std::string_view nearest_command(const description& program, std::string_view word);

/// Hints for words that are no command, and for options that do not exist: "did you mean 'resolve'?
/// see PROGRAM --help". Without a near one only the last part.
[[nodiscard]] std::string hint_for_command(const description& program, std::string_view word);
/// `option` as the user wrote it, with hyphens and value: "--jsn=1". Suggests options of `command`.
[[nodiscard]] std::string hint_for_option(const description& program, std::string_view option,
                                          std::string_view command);

}  // namespace sdconnect::cli
