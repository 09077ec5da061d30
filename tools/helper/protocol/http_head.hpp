/// \file
/// The head of an HTTP/1.x message (RFC 9112), read strictly: a head that two readers could
/// understand differently is refused.
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
  /// Removes the fields that concern one connection only (RFC 9110 §7.6.1): the usual ones, and
  /// those that Connection names. What tells the host or the end of the body stays.
  void remove_hop_by_hop();
  /// Returns the head as text, with the empty line.
  [[nodiscard]] std::string to_text() const;
};

/// Finds the end of a head in octets that arrive in pieces. Looks at each octet once.
class head_scanner {
 public:
  enum class state : std::uint8_t {
    incomplete,
    complete,
    malformed,  ///< a line does not end with CR LF
    too_large,
  };

  /// `received`: all octets since the beginning of the head.
  [[nodiscard]] state scan(std::string_view received);
  /// The size of the head with its empty line. REQUIRES: complete.
  [[nodiscard]] std::size_t size() const noexcept { return line_begin_; }

 private:
  std::size_t scanned_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t lines_ = 0;
};

/// Returns nothing for a field name that is no token, a blank before the colon, a line that continues
/// another one (obs-fold), or a control character. REQUIRES: `text` is a complete head.
[[nodiscard]] std::optional<http_head> parse_head(std::string_view text);

[[nodiscard]] bool is_token(std::string_view text) noexcept;  ///< RFC 9110 §5.6.2

/// The Via field of a message that came with `version`, such as "HTTP/1.1" (RFC 9110 §7.6.3).
[[nodiscard]] http_field via_field(std::string_view version);

/// How the body of a message ends.
struct body_framing {
  enum class kind : std::uint8_t { none, length, chunked };
  kind how = kind::none;
  std::uint64_t length = 0;

  [[nodiscard]] bool is_empty() const noexcept { return how == kind::none || (how == kind::length && length == 0); }
};
/// Of a request. Nothing if it could be understood in two ways: a length beside chunks, two
/// lengths, a transfer coding other than chunked, any in HTTP/1.0 (RFC 9112 §6).
[[nodiscard]] std::optional<body_framing> request_framing(const http_head& head, bool is_http_1_0);
/// Makes the framing of a response clear: Transfer-Encoding overrides Content-Length, which is
/// removed. Returns false if there are two lengths or one that is no number (RFC 9112 §6.3).
[[nodiscard]] bool clear_response_framing(http_head& head);

}  // namespace sdconnect::helper
