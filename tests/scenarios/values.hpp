/// \file
/// Converts the words of a scenario to values and back.
#pragma once

#include "scenarios/script.hpp"
#include "sdconnect/dns/name.hpp"
#include "sdconnect/dns/records.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::scenario {

using octets = std::vector<std::uint8_t>;

/// Below example.com. unless it ends in a dot; `@` is example.com. itself.
[[nodiscard]] name name_from(const script_line& line, std::string_view text);
[[nodiscard]] std::string text_of(const name& n);

/// "SRV", "TYPE65280", "33".
[[nodiscard]] rr_type type_from(const script_line& line, std::string_view text);
/// "IN", "CH", "HS", "NONE", "ANY", "4711".
[[nodiscard]] int class_from(const script_line& line, std::string_view text);
/// "SERVFAIL", "2".
[[nodiscard]] unsigned rcode_from(const script_line& line, std::string_view text);
/// "ok", the names of errc, "aborted", "eof", and those of errno: "ECONNREFUSED".
[[nodiscard]] error_code error_from(const script_line& line, std::string_view text);
[[nodiscard]] std::string text_of(error_code ec);

[[nodiscard]] std::chrono::nanoseconds time_from(const script_line& line, std::string_view text);
[[nodiscard]] std::string text_of(std::chrono::nanoseconds time);
/// Hexadecimal digits, with or without blanks between them.
[[nodiscard]] octets octets_from(const script_line& line, std::string_view text);

template <class T>
struct range {
  T low{}, high{};
  [[nodiscard]] bool has(T value) const noexcept { return low <= value && value <= high; }
};
/// "3" or "2..4"; for times "200ms" or "1ms..250ms".
[[nodiscard]] range<std::int64_t> range_from(const script_line& line, std::string_view text);
/// "3", "3-4" or "3-", counted from 1.
[[nodiscard]] range<std::int64_t> ordinals_from(const script_line& line, std::string_view text);
[[nodiscard]] range<std::chrono::nanoseconds> time_range_from(const script_line& line, std::string_view text);

}  // namespace sdconnect::scenario
