/// \file
/// The server side of TLS, without a socket: converts between encrypted and plain octets.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sdconnect::detail {

struct tls_identity {
  std::string certificate_pem;  ///< followed by the certificates of the intermediate authorities
  std::string key_pem;
  int newest_version = 0;    ///< TLS1_1_VERSION of OpenSSL, ...; 0: the newest one supported
  bool says_goodbye = true;  ///< sends close_notify at the end
  /// Called with the name that the client requested (SNI), "" if none.
  std::function<void(const std::string& name)> on_name;
};

class tls_filter {
 public:
  /// Throws boost::system::system_error if the certificate or the key is invalid.
  explicit tls_filter(const tls_identity& identity);
  tls_filter(const tls_filter&) = delete;
  tls_filter& operator=(const tls_filter&) = delete;
  ~tls_filter();

  /// Takes octets from the client and appends the decrypted octets to `plain`. Returns false if no
  /// more will follow: the client sent close_notify, or the octets are not acceptable TLS.
  [[nodiscard]] bool receive(std::span<const std::uint8_t> sent, std::vector<std::uint8_t>& plain);
  void send(std::span<const std::uint8_t> plain);
  void say_goodbye();
  /// Returns the octets to send to the client now.
  [[nodiscard]] std::vector<std::uint8_t> take_output();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace sdconnect::detail
