/// \file
/// The building blocks of the JSON documents. Includes Boost.JSON: for the json_*.cpp files only.
#pragma once

#include "sdconnect/resolver/service.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <span>
#include <string>

namespace sdconnect::cli {

namespace json = boost::json;

inline constexpr int json_schema = 1;

/// One object on one line with a newline; numbers are in plain decimal notation.
[[nodiscard]] std::string line_of(const json::object& object);

[[nodiscard]] double four_decimals(double value);
/// 0.7439; below 0.001 four significant digits, so that the share of one of 1,500 endpoints is not
/// rounded to zero.
[[nodiscard]] double rounded_share(double share);
[[nodiscard]] double in_ms(std::chrono::microseconds time);

template <class Range, class Convert>
json::array array_of(const Range& range, Convert convert) {
  json::array array;
  for (const auto& item : range) array.push_back(convert(item));
  return array;
}

[[nodiscard]] json::array names_of(std::span<const name> names);
[[nodiscard]] json::array addresses_of(std::span<const ip_address> addresses);
/// null for `none`.
[[nodiscard]] json::value kind_of(service_kind kind);
[[nodiscard]] json::value text_or_null(error_code ec);

/// Pairs of a TXT record, in its order: key with value, value_b64 for a value that is not
/// printable, null for no value.
[[nodiscard]] json::array pairs_of(const txt_record& txt);
[[nodiscard]] json::object instance_of(const service_instance& instance);
[[nodiscard]] json::object endpoint_of(const endpoint& e, std::optional<double> share = {});

}  // namespace sdconnect::cli
