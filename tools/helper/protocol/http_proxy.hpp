/// \file
/// HTTP proxying, the client's request: CONNECT (RFC 9110 §9.3.6), a request with an absolute URI
/// (RFC 9112 §3.2.2), or one to the proxy itself.
#pragma once

#include "helper/protocol/http_head.hpp"
#include "helper/protocol/proxy_reader.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sdconnect::helper {

enum class http_request_kind : std::uint8_t {
  connect,
  forward,  ///< to be passed on, see http_forwarding
  own,      ///< to the proxy itself, see own_reply()
};

/// Of `own` requests, which are about nothing that needs protection, no credentials are required.
class http_proxy_reader final : public proxy_reader {
 public:
  using proxy_reader::proxy_reader;

  // REQUIRES: asked.
  [[nodiscard]] http_request_kind kind() const noexcept { return kind_; }
  [[nodiscard]] const std::string& method() const noexcept { return method_; }
  /// The path with the query.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The head; of kind `forward`, as the backend is to receive it.
  [[nodiscard]] const http_head& head() const noexcept { return head_; }
  [[nodiscard]] const body_framing& framing() const noexcept { return framing_; }
  [[nodiscard]] bool wants_upgrade() const noexcept { return wants_upgrade_; }

  /// Empty for requests that are forwarded: the backend's response is the reply.
  [[nodiscard]] std::string success_reply(const ip_address& bound, std::uint16_t port) const override;
  [[nodiscard]] std::string failure_reply(const refusal& why) const override;

 private:
  bool read() override;
  void understand();
  void understand_target(std::string_view target);
  [[nodiscard]] bool is_authenticated() const;
  void ask_for_connect(std::string_view target);
  void ask_for_forward(std::string_view target);
  void rewrite_head(std::string_view authority);

  head_scanner scanner_;
  http_head head_;
  http_request_kind kind_ = http_request_kind::own;
  std::string method_, path_, version_;
  body_framing framing_;
  bool wants_upgrade_ = false;
};

}  // namespace sdconnect::helper
