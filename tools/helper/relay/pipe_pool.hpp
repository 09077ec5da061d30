/// \file
/// Pipes for splice(2), lent to relays while they move data.
#pragma once

#include "net/io/descriptor.hpp"

#include <cstddef>
#include <vector>

namespace sdconnect::helper {

struct relay_pipe {
  detail::descriptor read_end = detail::descriptor();
  detail::descriptor write_end = detail::descriptor();
  std::size_t capacity = 0;

  [[nodiscard]] explicit operator bool() const noexcept { return read_end.get() >= 0; }
};

/// Lends at most `max_large` pipes of 1 MiB and then `max_small` of 64 KiB at a time. An ordinary
/// user may have 64 of the former; after that the kernel makes pipes of 8 KiB, which are not worth
/// using (pipe(7)). Not thread safe.
class pipe_pool {
 public:
  static constexpr std::size_t large = std::size_t{1} << 20, small = std::size_t{64} << 10;
  static constexpr std::size_t max_large = 32, max_small = 256;
  static constexpr std::size_t max_idle = 8;  ///< pipes kept for later
  /// Number of times that lend() does not ask the kernel after it refused a pipe.
  static constexpr unsigned asks_after_refusal = 256;

  /// Returns an empty pipe, or none if there is no more: then the caller copies.
  [[nodiscard]] relay_pipe lend();
  /// Takes a pipe back. REQUIRES: it is empty.
  void give_back(relay_pipe pipe);
  /// Closes a pipe that is not empty.
  void discard(relay_pipe pipe);

  [[nodiscard]] std::size_t lent() const noexcept { return lent_; }

 private:
  relay_pipe make();

  std::vector<relay_pipe> idle_;
  std::size_t lent_ = 0;
  std::size_t large_ = 0;  // lent and idle
  unsigned asks_to_refuse_ = 0;
};

}  // namespace sdconnect::helper
