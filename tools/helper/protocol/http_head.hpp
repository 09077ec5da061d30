/// \file
/// The head of an HTTP/1.x message (RFC 9112), read strictly: what two readers could understand
/// differently is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::helper {

struct http_field {
  std::string name;
  std::string value;  ///< without surrounding blanks
};

struct http_head {
  static constexpr std::size_t max_size = std::size_t{64} * 1024;
  static constexpr std::size_t max_fields = 256;

  std::string start_line;
  std::vector<http_field> fields;

  /// Returns the value of the only field with that name in any letter case; nullptr if there is none
  /// or more than one.
  [[nodiscard]] const std::string* only(std::string_view name) const noexcept;
  [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
  /// Whether one of the comma-separated elements of these fields is `token`, in any letter case.
  [[nodiscard]] bool lists(std::string_view name, std::string_view token) const;
  void remove(std::string_view name);
  /// The head as text, with the empty line.
  [[nodiscard]] std::string to_text() const;
};

/// Returns the size of the head at the beginning of `octets`, with the empty line; npos if it is not
/// complete.
[[nodiscard]] std::size_t head_size(std::string_view octets) noexcept;

/// Reads a head with its empty line. Nothing for a line that does not end with CR LF, a field name
/// that is no token, a blank before the colon, a line that continues another one (obs-fold), a
/// control character in a value, or too many fields.
[[nodiscard]] std::optional<http_head> parse_head(std::string_view text);

/// The elements of a comma-separated list, without blanks and empty ones.
[[nodiscard]] std::vector<std::string_view> list_elements(std::string_view value);

[[nodiscard]] bool is_token(std::string_view text) noexcept;  ///< RFC 9110 §5.6.2

/// How the body of a message ends.
struct body_framing {
  enum class kind : std::uint8_t { none, length, chunked };
  kind how = kind::none;
  std::uint64_t length = 0;
};
/// Of a request. Nothing if it could be read in two ways: a length beside chunks, two lengths, a
/// transfer coding other than chunked, any in HTTP/1.0 (RFC 9112 §6).
[[nodiscard]] std::optional<body_framing> request_framing(const http_head& head, bool is_http_1_0);

}  // namespace sdconnect::helper
