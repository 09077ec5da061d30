/// \file
/// The server's side of TLS between the octets of a connection and those of its messages, without a
/// socket.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sdconnect::detail {

struct tls_identity {
  std::string certificate_pem;  ///< with those of the authorities between it and the root behind it
  std::string key_pem;
  int newest_version = 0;    ///< TLS1_1_VERSION of OpenSSL, ...; 0: the newest there is
  bool says_goodbye = true;  ///< close_notify at the end
  /// Called with the name that the client asked for (SNI), "" for none.
  std::function<void(const std::string& name)> on_name;
};

class tls_filter {
 public:
  /// Throws boost::system::system_error for what is no certificate or key.
  explicit tls_filter(const tls_identity& identity);
  tls_filter(const tls_filter&) = delete;
  tls_filter& operator=(const tls_filter&) = delete;
  ~tls_filter();

  /// Takes what the client sent and appends what it means to `plain`. False when there will be no
  /// more: the client said goodbye, or this is not TLS as we want it.
  [[nodiscard]] bool receive(std::span<const std::uint8_t> sent, std::vector<std::uint8_t>& plain);
  void send(std::span<const std::uint8_t> plain);
  void say_goodbye();
  /// What has to go to the client now.
  [[nodiscard]] std::vector<std::uint8_t> take_output();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace sdconnect::detail
