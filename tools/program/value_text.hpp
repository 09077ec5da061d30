/// \file
/// Parses the values of options.
#pragma once

#include "sdconnect/net/error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sdconnect::cli {

/// Why a text is not a valid value, and which values are valid.
struct value_fault {
  std::string what;
  std::string hint;

  value_fault() = default;
  // Without this constructor a single string would also convert to a value_fault, and a
  // parsed<std::string> could not tell which of the two it holds.
  value_fault(std::string fault, std::string instead) : what(std::move(fault)), hint(std::move(instead)) {}
};

template <class T>
using parsed = boost::system::result<T, value_fault>;

/// Parses `5s`, `500ms`, `2m`, `1h`, and plain seconds as in curl and dig, `5`. The number may have
/// a fraction, `0.5` or `1.5h`. At least a millisecond, at most a day; rounds to milliseconds.
[[nodiscard]] parsed<std::chrono::milliseconds> duration_from_text(std::string_view text);

/// Parses decimal digits only; the value must be from `least` to `most`.
[[nodiscard]] parsed<std::uint64_t> number_from_text(std::string_view text, std::uint64_t least, std::uint64_t most);

/// Returns the position of `text` in `choices` ("a|b|c"), in any letter case.
[[nodiscard]] parsed<std::size_t> choice_from_text(std::string_view text, std::string_view choices);

}  // namespace sdconnect::cli
