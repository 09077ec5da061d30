/// \file
/// The values of options from their text.
#pragma once

#include "sdconnect/net/error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sdconnect::cli {

/// Why a text is no value, and what would be one.
struct value_fault {
  std::string what;
  std::string hint;

  value_fault() = default;
  // Without this one a string alone would make a fault too, and a parsed<std::string> could not
  // tell which it holds.
  value_fault(std::string fault, std::string instead) : what(std::move(fault)), hint(std::move(instead)) {}
};

template <class T>
using parsed = boost::system::result<T, value_fault>;

/// `5s`, `500ms`, `2m`, `1h`: more than nothing, at most a day. A bare number is refused: nobody
/// remembers whose unit is meant.
[[nodiscard]] parsed<std::chrono::milliseconds> duration_from_text(std::string_view text);

/// Decimal digits only, `least` to `most`.
[[nodiscard]] parsed<std::uint64_t> number_from_text(std::string_view text, std::uint64_t least, std::uint64_t most);

/// The position of `text` in `choices` ("a|b|c").
[[nodiscard]] parsed<std::size_t> choice_from_text(std::string_view text, std::string_view choices);

}  // namespace sdconnect::cli
