/// \file
/// The handshake of a proxy's client: from the first octet, which tells the protocol, to what the
/// client wants. No I/O.
#pragma once

#include "helper/protocol/http_proxy.hpp"
#include "helper/protocol/proxy_reader.hpp"
#include "helper/protocol/socks.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sdconnect::helper {

enum class proxy_protocol : std::uint8_t { unknown, socks5, socks4, http };
/// "SOCKS5", ...
[[nodiscard]] std::string_view to_string(proxy_protocol protocol) noexcept;

class proxy_handshake {
 public:
  explicit proxy_handshake(handshake_options options) : options_(std::move(options)) {}

  /// Takes octets in any split. A client that speaks none of the protocols is ended without a word:
  /// whatever it is, it would not understand an answer. REQUIRES: reading.
  void put(std::string_view octets);

  [[nodiscard]] handshake_state state() const noexcept;
  [[nodiscard]] proxy_protocol protocol() const noexcept { return protocol_; }
  /// Null before the first octet, and for an unknown protocol.
  [[nodiscard]] proxy_reader* reader() noexcept { return reader_.get(); }
  /// Null for other protocols.
  [[nodiscard]] http_proxy_reader* http() noexcept {
    return protocol_ == proxy_protocol::http ? static_cast<http_proxy_reader*>(reader_.get()) : nullptr;
  }

 private:
  handshake_options options_;
  proxy_protocol protocol_ = proxy_protocol::unknown;
  bool is_unknown_ = false;
  std::unique_ptr<proxy_reader> reader_;
};

}  // namespace sdconnect::helper
