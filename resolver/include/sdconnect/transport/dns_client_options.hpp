/// \file
/// Options of a DNS client.
#pragma once

#include "sdconnect/transport/name_server.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace sdconnect {

struct dns_client_options {
  std::vector<server_set> server_sets;
  bool tcp_only = false;
  bool rotate = false;  ///< starts each question at the next server of the set instead of the first
  /// Varies the letter case of questions, and accepts over UDP only replies that repeat it
  /// (draft-vixie-dnsext-dns0x20).
  bool use_0x20 = false;
  /// Maximum time for one server before the client asks the next; doubles with every round through
  /// the set. max(): no limit except the deadline.
  std::chrono::milliseconds first_timeout{1000};
  /// Number of turns that every server gets even with a short deadline, 1 to 16; it gets more if
  /// there is time left.
  unsigned attempts = 2;
  /// Maximum number of questions in flight; more wait in a queue, first come, first served.
  std::size_t max_in_flight = 256;
  /// How long the client keeps an idle TCP or TLS connection for reuse (RFC 7766 §6.2.3). max(): no
  /// limit.
  std::chrono::milliseconds stream_idle_timeout{10000};
};

}  // namespace sdconnect
