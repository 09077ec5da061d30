/// \file
/// The part of a proxy's protocol that comes before the connection: one class for each protocol.
#pragma once

#include "helper/protocol/credentials.hpp"
#include "helper/protocol/proxy_destination.hpp"
#include "helper/protocol/refusal.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sdconnect::helper {

/// Takes the octets of one client in any split. No I/O.
class proxy_reader {
 public:
  enum class state : std::uint8_t {
    reading,
    asked,  ///< `destination` is what the client wants
    ended,  ///< the client was refused: send take_output(), then close
  };

  explicit proxy_reader(const credentials* required) : required_(required) {}
  proxy_reader(const proxy_reader&) = delete;
  proxy_reader& operator=(const proxy_reader&) = delete;
  virtual ~proxy_reader() = default;

  /// REQUIRES: reading.
  void put(std::string_view octets) {
    received_ += octets;
    while (state_ == state::reading && read()) {
    }
  }

  [[nodiscard]] state now() const noexcept { return state_; }
  [[nodiscard]] const proxy_destination& destination() const noexcept { return destination_; }
  [[nodiscard]] std::string take_output() { return std::exchange(output_, {}); }
  /// Octets behind the request: they are for the backend.
  [[nodiscard]] std::string take_early() { return std::exchange(received_, {}); }

  /// The reply when the backend is connected; `bound` is the local address of that connection.
  [[nodiscard]] virtual std::string success_reply(const ip_address& bound, std::uint16_t port) const = 0;
  [[nodiscard]] virtual std::string failure_reply(const refusal& why) const = 0;

 protected:
  /// Consumes octets from the front of `received_`. Returns false if it needs more of them.
  virtual bool read() = 0;

  void ask(proxy_destination wanted) {
    destination_ = std::move(wanted);
    state_ = state::asked;
  }
  void end(std::string_view last_output) {
    output_ += last_output;
    state_ = state::ended;
  }
  [[nodiscard]] bool needs_credentials() const noexcept { return required_ != nullptr; }
  [[nodiscard]] bool accepts(std::string_view user, std::string_view password) const noexcept {
    return required_ == nullptr || matches(*required_, user, password);
  }

  std::string received_;
  std::string output_;

 private:
  const credentials* required_;
  state state_ = state::reading;
  proxy_destination destination_;
};

}  // namespace sdconnect::helper
