/// \file
/// A relay between two sockets, and the code that moves its octets.
#pragma once

#include "helper/relay/pipe_pool.hpp"
#include "helper/relay/relay_engine.hpp"
#include "helper/relay/relay_pair.hpp"
#include "net/io/descriptor.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>

namespace sdconnect::helper {

/// One socket of a relay, with what epoll has said about it. It says each thing once.
struct end_point {
  detail::descriptor socket = detail::descriptor();
  bool may_read = false;
  bool may_write = true;
  bool may_read_on = false;  // after less than a block: the end or urgent data interrupt a read
  bool is_gone = false;      // no more octets in any direction
};

/// How one direction stores what its sink did not take.
struct storage {
  std::string rest;  // octets not yet written, in copy mode
  relay_pipe pipe;   // in use by splice; holds the pending octets
  unsigned full_blocks = 0;
};

struct relay {
  relay_id id = 0;
  std::array<end_point, 2> ends;
  std::array<storage, 2> stores;
  relay_pair pair;
  relay_request request;
  std::optional<std::uint8_t> first_up;
  std::chrono::steady_clock::time_point last_activity;
  bool is_queued = false;  // in `ready_`
  bool is_over = false;
};

[[nodiscard]] inline end_point& end_of(relay& r, relay_side side) { return r.ends[static_cast<std::size_t>(side)]; }
[[nodiscard]] inline storage& store_of(relay& r, relay_side from) { return r.stores[static_cast<std::size_t>(from)]; }

/// Reads and writes for the relays of one engine, which share its block and its pipes.
class relay_mover {
 public:
  static constexpr std::size_t block_size = std::size_t{64} << 10;

  relay_mover() : block_(std::make_unique_for_overwrite<std::array<char, block_size>>()) {}

  /// Reads from a side, and writes to the other one what it takes at once. Adds the octets read to
  /// `moved`. Returns false if nothing could be read now. REQUIRES: the direction can_read().
  bool read(relay& r, relay_side side, std::size_t& moved);
  /// Writes what is left of an earlier read. Returns false if nothing could be written now.
  /// REQUIRES: the direction can_write().
  bool write(relay& r, relay_side from);
  /// Drops what a direction holds.
  void drop(storage& store);

 private:
  bool write_from(relay& r, relay_side from, const char* data);
  bool note_written(relay& r, relay_side from, ssize_t octets);
  void return_pipe(storage& store);
  bool fail_read(relay& r, relay_side side, int error);

  std::unique_ptr<std::array<char, block_size>> block_;
  pipe_pool pipes_;
};

}  // namespace sdconnect::helper
