/// \file
/// Carries octets between two descriptors of any kind and a connected socket until both directions
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
  int input = 0;    ///< pipe, socket, terminal or regular file; never closed
  int output = 1;   ///< the same; replaced by /dev/null when the peer has ended, so that the reader sees the end
  int socket = -1;  ///< connected; stays open
};

/// Blocks. The flags of `input` and `output` are left alone: they are shared with whoever gave them
/// to us, and a shell whose terminal has become non-blocking misbehaves. A pipe's write end is
/// opened anew through /proc instead. REQUIRES: SIGPIPE is ignored.
[[nodiscard]] relay_result relay(const relay_descriptors& descriptors);

}  // namespace sdconnect::cli
