/// \file
/// One HTTP request and its response through a proxy, after the backend is connected. No I/O.
#pragma once

#include "helper/protocol/http_proxy.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sdconnect::helper {

/// Finds the end of a message body with chunks (RFC 9112 §7.1). Strict: only CR LF ends a line.
class chunk_scanner {
 public:
  /// Returns how many octets of `octets` belong to the body.
  [[nodiscard]] std::size_t take(std::string_view octets);
  [[nodiscard]] bool is_done() const noexcept { return next_ == part::done; }
  [[nodiscard]] bool has_failed() const noexcept { return next_ == part::failed; }

 private:
  enum class part : std::uint8_t {
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer,
    trailer_lf,
    done,
    failed
  };

  void take_one(char c);
  void end_size();

  static constexpr unsigned most_digits = 15;
  static constexpr std::size_t max_line_octets = 16384;  // of all extensions and trailers

  part next_ = part::size;
  std::uint64_t left_ = 0;
  unsigned digits_ = 0;
  std::size_t line_octets_ = 0;
  bool line_is_empty_ = true;
};

/// The first request only: a client may send others behind it, to other hosts, and they must not
/// reach this backend. Its answer says that the connection closes, so the client repeats them.
class http_forwarding {
 public:
  /// REQUIRES: the reader has asked, with kind `forward`. `client_sent_early`: take_early().
  explicit http_forwarding(http_proxy_reader& from);

  /// What the backend gets first: the request's head.
  [[nodiscard]] std::string take_head_for_backend() { return std::exchange(head_, {}); }
  /// Takes octets of the client; returns those for the backend.
  [[nodiscard]] std::string put_client(std::string_view octets);
  /// Takes octets of the backend; returns those for the client.
  [[nodiscard]] std::string put_backend(std::string_view octets);

  [[nodiscard]] bool is_request_done() const noexcept { return request_is_done_; }
  /// After 101: both directions are raw.
  [[nodiscard]] bool is_switched() const noexcept { return is_switched_; }
  /// The head of the final response has passed, so that a refusal cannot replace it.
  [[nodiscard]] bool has_response() const noexcept { return has_response_; }
  /// The client sent a malformed body.
  [[nodiscard]] bool client_failed() const noexcept { return chunks_.has_failed(); }
  /// The backend sent something other than HTTP.
  [[nodiscard]] bool backend_failed() const noexcept { return backend_failed_; }

 private:
  [[nodiscard]] std::string next_response_head();

  std::string head_;
  body_framing framing_;
  std::uint64_t left_;
  chunk_scanner chunks_;
  std::string response_;  // the head, as far as it is received
  bool wants_upgrade_;
  bool request_is_done_;
  bool has_response_ = false;
  bool is_switched_ = false;
  bool backend_failed_ = false;
};

}  // namespace sdconnect::helper
