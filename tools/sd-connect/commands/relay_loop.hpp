/// \file
/// Copies octets between two descriptors of any kind and a connected socket until both directions
/// have ended.
#pragma once

#include "sd-connect/commands/relay_machine.hpp"

namespace sdconnect::cli {

struct relay_result {
  relay_end end = relay_end::none;
  error_code error;
  std::uint64_t octets_sent = 0;
  std::uint64_t octets_written = 0;
};

struct relay_descriptors {
  int input = 0;  ///< pipe, socket, terminal or regular file; never closed
  /// Any of the same kinds. Replaced by /dev/null when the peer has ended, so that the reader sees
  /// the end.
  int output = 1;
  int socket = -1;  ///< connected; stays open
};

/// Blocks until the relay ends. Leaves the flags of `input` and `output` unchanged: other processes
/// share them, and a shell misbehaves if its terminal becomes non-blocking. Instead reopens a
/// pipe's write end through /proc. REQUIRES: SIGPIPE is ignored.
[[nodiscard]] relay_result relay(const relay_descriptors& descriptors);

}  // namespace sdconnect::cli
