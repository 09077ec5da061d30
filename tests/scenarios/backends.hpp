/// \file
/// The hosts that clients connect to: how each address and port answers a SYN.
#pragma once

#include "scenarios/script.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sdconnect::scenario {

/// "192.0.2.10:80", "[2001:db8::1]:80".
[[nodiscard]] std::string text_of(const ip_address& address, std::uint16_t port);
/// Returns the text in its canonical form; throws script_error.
[[nodiscard]] std::string socket_address_from(const script_line& line, const std::string& text);

class backends {
 public:
  enum class kind : std::uint8_t { accepts, refuses, silent };
  struct manners {
    kind what = kind::accepts;
    std::chrono::nanoseconds after = std::chrono::milliseconds(1);
  };

  /// `backend 192.0.2.10:80 refuses [after=20ms]`; `first` is the index of the word behind
  /// `backend`.
  void set(const script_line& line, std::size_t first);
  /// Called when a client connects to the host.
  [[nodiscard]] manners on_connect(const std::string& where);
  /// Returns the lines about hosts that no client connected to: most are typing errors.
  [[nodiscard]] std::vector<script_line> idle() const;

 private:
  struct host {
    manners now;
    script_line line;
    bool is_used = false;
  };
  std::map<std::string, host> hosts_;
};

}  // namespace sdconnect::scenario
