/// \file
/// Reads one HTTP/1.x response (RFC 9112) from octets as they arrive. Uses no sockets.
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

namespace sdconnect::detail {

struct http_head {
  unsigned status = 0;
  std::string reason;    ///< as received: escape it for display
  std::string text;      ///< status line, fields and the empty line, as received
  std::string location;  ///< of a redirect
};

struct http_response_options {
  bool has_body = true;                                                ///< false for the response to a HEAD request
  std::uint64_t max_body = std::numeric_limits<std::uint64_t>::max();  ///< in octets; more is an error
};

/// Skips interim responses (1xx). Passes body octets on as they arrive and never collects them, so
/// a response may be larger than memory. Do not call put() or put_end() after an error. Exceptions
/// of the callbacks pass through.
class http_response_reader {
 public:
  static constexpr std::size_t max_head_size = std::size_t{64} * 1024;
  static constexpr std::size_t max_fields = 256;
  static constexpr unsigned max_interim = 16;

  using head_handler = std::function<void(const http_head&)>;
  using body_handler = std::function<void(std::string_view)>;

  http_response_reader(head_handler on_head, body_handler on_body, const http_response_options& options = {});
  ~http_response_reader();

  /// Errors: those of Beast's HTTP category: bad chunks, sizes, versions, fields; header_limit;
  /// body_limit; unexpected_body for octets after the end.
  [[nodiscard]] error_code put(std::string_view octets);
  /// Reports the end of the stream. It completes a body without length; otherwise the error is
  /// partial_message.
  [[nodiscard]] error_code put_end();

  [[nodiscard]] bool has_head() const noexcept;
  [[nodiscard]] bool is_done() const noexcept;
  [[nodiscard]] std::uint64_t body_octets() const noexcept;
  /// Whether the connection can carry another request. REQUIRES: is_done().
  [[nodiscard]] bool keeps_alive() const;

 private:
  class parser;

  head_handler on_head_;
  body_handler on_body_;
  http_response_options options_;
  std::unique_ptr<parser> parser_;
  std::string held_back_;  // octets that the parser needs again together with more
  bool is_recognised_ = false;
  unsigned interim_count_ = 0;
};

/// Whether `ec` says that the response ended before it was complete, and not that it is malformed.
[[nodiscard]] bool is_cut_short(error_code ec) noexcept;

}  // namespace sdconnect::detail
