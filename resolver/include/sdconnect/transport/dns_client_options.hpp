/// \file
/// How a DNS client asks.
#pragma once

#include "sdconnect/transport/name_server.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace sdconnect {

struct dns_client_options {
  std::vector<server_set> server_sets;
  bool tcp_only = false;
  bool rotate = false;  ///< start each question at the next server of the set instead of the first
  /// Vary the letter case of questions and accept over UDP only replies that repeat it
  /// (draft-vixie-dnsext-dns0x20).
  bool use_0x20 = false;
  /// How long one server may take before the next is asked, at most; doubles with every round
  /// through the set. max(): no limit but the deadline.
  std::chrono::milliseconds first_timeout{1000};
  /// Turns that every server gets however short the deadline, 1 to 16; with time left it gets more.
  unsigned attempts = 2;
  /// Questions under way at once; more wait their turn, first come first served.
  std::size_t max_in_flight = 256;
  /// A TCP or TLS connection without questions is used again for so long (RFC 7766 §6.2.3). max():
  /// no limit.
  std::chrono::milliseconds stream_idle_timeout{10000};
};

}  // namespace sdconnect
