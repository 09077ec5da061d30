/// \file
/// The part of a proxy's protocol that comes before the connection: one class for each protocol.
#pragma once

#include "helper/protocol/credentials.hpp"
#include "helper/protocol/proxy_destination.hpp"
#include "helper/protocol/refusal.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sdconnect::helper {

struct handshake_options {
  const credentials* required = nullptr;  ///< outlives the handshake; null: every client is welcome
  std::string id = {};                    ///< of the connection, for refusals
};

enum class handshake_state : std::uint8_t {
  reading,
  asked,  ///< `destination` is what the client wants
  ended,  ///< the client is refused: send take_output(), then close
};

/// Takes the octets of one client in any split. No I/O.
class proxy_reader {
 public:
  explicit proxy_reader(handshake_options options) : options_(std::move(options)) {}
  proxy_reader(const proxy_reader&) = delete;
  proxy_reader& operator=(const proxy_reader&) = delete;
  virtual ~proxy_reader() = default;

  /// REQUIRES: reading.
  void put(std::string_view octets) {
    received_ += octets;
    while (state_ == handshake_state::reading && read()) {
    }
  }

  [[nodiscard]] handshake_state state() const noexcept { return state_; }
  /// To be sent now, in every state.
  [[nodiscard]] std::string take_output() { return std::exchange(output_, {}); }

  // REQUIRES: asked.
  [[nodiscard]] const proxy_destination& destination() const noexcept { return destination_; }
  /// Returns the octets behind the request; they are for the backend.
  [[nodiscard]] std::string take_early() { return std::exchange(received_, {}); }
  /// Returns the reply when the backend is connected; `bound` is the local address of that
  /// connection. Empty where the backend itself replies.
  [[nodiscard]] virtual std::string success_reply(const ip_address& bound, std::uint16_t port) const = 0;
  [[nodiscard]] virtual std::string failure_reply(const refusal& why) const = 0;

  /// Why the client was refused, for the log. REQUIRES: ended.
  [[nodiscard]] const refusal& why_ended() const noexcept { return why_ended_; }

 protected:
  /// Consumes one message from the front of `received_`. Returns false if it needs more octets.
  virtual bool read() = 0;

  void ask(proxy_destination wanted) {
    destination_ = std::move(wanted);
    state_ = handshake_state::asked;
  }
  /// Ends with the protocol's reply to a request.
  void refuse(refusal_kind kind, std::string reason) {
    note_end(kind, std::move(reason));
    output_ += failure_reply(why_ended_);
  }
  /// Ends with octets of the caller's own, which may be none.
  void end_with(std::string_view last, refusal_kind kind, std::string reason) {
    note_end(kind, std::move(reason));
    output_ += last;
  }
  [[nodiscard]] bool needs_credentials() const noexcept { return options_.required != nullptr; }
  [[nodiscard]] bool accepts(std::string_view user, std::string_view password) const noexcept {
    return !needs_credentials() || matches(*options_.required, user, password);
  }

  std::string received_;
  std::string output_;

 private:
  void note_end(refusal_kind kind, std::string reason) {
    why_ended_ = {.kind = kind, .reason = std::move(reason), .id = options_.id};
    state_ = handshake_state::ended;
  }

  const handshake_options options_;
  handshake_state state_ = handshake_state::reading;
  proxy_destination destination_;
  refusal why_ended_;
};

}  // namespace sdconnect::helper
