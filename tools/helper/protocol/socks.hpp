/// \file
/// SOCKS5 (RFC 1928, with user name and password of RFC 1929), SOCKS4 and SOCKS4a: CONNECT only.
#pragma once

#include "helper/protocol/proxy_reader.hpp"

#include <cstddef>
#include <optional>

namespace sdconnect::helper {

class socks5_reader final : public proxy_reader {
 public:
  static constexpr char version = 5;

  using proxy_reader::proxy_reader;

  [[nodiscard]] std::string success_reply(const ip_address& bound, std::uint16_t port) const override;
  [[nodiscard]] std::string failure_reply(const refusal& why) const override;

 private:
  bool read() override;
  bool read_methods();
  bool read_password();
  bool read_request();

  enum class part : std::uint8_t { methods, password, request };
  part next_ = part::methods;
};

/// If credentials are required, every request is refused: the protocol has no password.
class socks4_reader final : public proxy_reader {
 public:
  static constexpr char version = 4;

  using proxy_reader::proxy_reader;

  [[nodiscard]] std::string success_reply(const ip_address& bound, std::uint16_t port) const override;
  [[nodiscard]] std::string failure_reply(const refusal& why) const override;

 private:
  bool read() override;
  /// Returns where the text at `begin` ends, at a zero octet. Nothing if it is not complete, or if it
  /// is too long, which ends the handshake.
  [[nodiscard]] std::optional<std::size_t> end_of_text(std::size_t begin);
};

}  // namespace sdconnect::helper
