/// \file
/// HTTP proxying, the client's request: CONNECT (RFC 9110 §9.3.6), a request with an absolute URI
/// (RFC 9112 §3.2.2), or one to the proxy itself.
#pragma once

#include "helper/protocol/http_head.hpp"
#include "helper/protocol/proxy_reader.hpp"

#include <string>

namespace sdconnect::helper {

enum class http_request_kind : std::uint8_t {
  connect,
  forward,  ///< to be passed on in origin form
  own,      ///< to the proxy itself: in origin form
};

class http_proxy_reader final : public proxy_reader {
 public:
  using proxy_reader::proxy_reader;

  // REQUIRES: asked.
  [[nodiscard]] http_request_kind kind() const noexcept { return kind_; }
  [[nodiscard]] const std::string& method() const noexcept { return method_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }  ///< with the query
  /// The head as received. Of kind `forward`: as the backend is to receive it.
  [[nodiscard]] http_head take_head() { return std::move(head_); }
  [[nodiscard]] const http_head& head() const noexcept { return head_; }
  [[nodiscard]] const body_framing& framing() const noexcept { return framing_; }
  [[nodiscard]] bool wants_upgrade() const noexcept { return wants_upgrade_; }

  [[nodiscard]] std::string success_reply(const ip_address& bound, std::uint16_t port) const override;
  [[nodiscard]] std::string failure_reply(const refusal& why) const override;

 private:
  bool read() override;
  void understand();
  [[nodiscard]] bool is_authenticated() const;
  void ask_for_connect(std::string_view target);
  void ask_for_forward(std::string_view target);
  void make_origin_form(std::string_view authority);
  void refuse(refusal_kind kind, std::string reason);

  http_head head_;
  http_request_kind kind_ = http_request_kind::own;
  std::string method_, path_, version_;
  body_framing framing_;
  bool wants_upgrade_ = false;
};

/// Returns the text of a PAC file: service names, and the allowed and mapped names, go to the proxy
/// at `port`; everything else is direct. Uses only shExpMatch and dnsDomainIs, which ask no DNS.
[[nodiscard]] std::string proxy_pac(std::uint16_t port, const std::vector<std::string>& domains,
                                    const std::vector<std::string>& hosts);

}  // namespace sdconnect::helper
