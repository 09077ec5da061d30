/// \file
/// One HTTP request and its response through a proxy. No I/O.
#pragma once

#include "helper/protocol/chunk_filter.hpp"
#include "helper/protocol/http_proxy.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sdconnect::helper {

/// Passes on the first request only: a client may send others behind it, to other hosts, and they
/// must not reach this backend. The response says that the connection closes, so the client sends
/// them again.
class http_forwarding {
 public:
  /// REQUIRES: the reader's request is of kind `forward`.
  explicit http_forwarding(http_proxy_reader& from);

  /// Returns what the backend receives first: the head, and what the client has sent of the body.
  [[nodiscard]] std::string take_beginning() { return std::exchange(beginning_, {}); }
  /// Takes octets of the client; returns those for the backend.
  [[nodiscard]] std::string put_client(std::string_view octets);
  /// Takes octets of the backend; returns those for the client.
  [[nodiscard]] std::string put_backend(std::string_view octets);

  [[nodiscard]] bool request_is_done() const noexcept { return request_is_done_; }
  /// After 101, octets of the client pass unchanged.
  [[nodiscard]] bool request_is_raw() const noexcept { return is_switched_; }
  /// After the head of the final response, octets of the backend pass unchanged. Before it, a
  /// failure_reply() can still take the place of the response.
  [[nodiscard]] bool response_is_raw() const noexcept { return response_is_raw_; }
  /// The client's body is malformed. Nothing more goes to the backend.
  [[nodiscard]] bool client_failed() const noexcept { return chunks_.has_failed(); }
  /// The backend does not speak HTTP. Nothing more goes to the client.
  [[nodiscard]] bool backend_failed() const noexcept { return backend_failed_; }

 private:
  [[nodiscard]] std::string body_part(std::string_view octets);
  [[nodiscard]] std::string next_response_head();

  std::string beginning_;
  const body_framing framing_;
  const bool wants_upgrade_;
  std::uint64_t body_left_;  // of a body with a length
  chunk_filter chunks_;
  head_scanner scanner_;
  std::string response_;  // the head, as far as it has come
  bool request_is_done_;
  bool response_is_raw_ = false;
  bool is_switched_ = false;
  bool backend_failed_ = false;
};

}  // namespace sdconnect::helper
