/// \file
/// Decides the next step of a relay between input, socket and output. Uses no descriptors, so tests
/// can call it directly.
#pragma once

#include "helper/relay/relay_direction.hpp"
#include "sdconnect/net/error.hpp"

#include <cstddef>
#include <cstdint>

namespace sdconnect::cli {

enum class relay_end {
  none,           ///< still running
  complete,       ///< both directions ended, all data were delivered
  peer_closed,    ///< the peer ended its direction, and any further input would be typed by a person
  socket_failed,  ///< data received before the failure are delivered
  input_failed,
  output_failed,
  output_closed,  ///< the reader of the output has closed it
};

/// Two directions that end independently, as in TCP (RFC 9293 §3.6): input → socket and socket →
/// output.
///
///   1. The input ends: the relay sends the buffered data and shuts down the sending side of the
///      socket. It continues to receive.
///   2. The socket ends: the relay writes the buffered data and closes the output. It continues to
///      send until the input ends, because the peer may have closed only its sending side. If the
///      peer is gone completely, sending fails.
///   3. Sending to the socket fails: the relay first writes to the output what the socket still
///      delivers, so that the last data of the peer ("413 Too Large") are not lost. Then it ends.
///   4. At a terminal (`interactive`) the relay ends when the peer has ended, without waiting for a
///      key.
///
/// FAULTS L16: each direction reads only if its buffer is empty, so it holds at most `capacity`
/// octets.
class relay_machine {
 public:
  static constexpr std::size_t capacity = std::size_t{64} * 1024;

  explicit relay_machine(bool interactive = false) noexcept : interactive_(interactive) {}

  /// The next action; `wait` means to wait for one of the events below. The machine counts
  /// `shut_down_sending` and `close_output` as done when it returns them.
  enum class action { wait, shut_down_sending, close_output, finish };
  [[nodiscard]] action next() noexcept;

  // Events to wait for.
  [[nodiscard]] bool wants_input() const noexcept { return up_.can_read(); }
  [[nodiscard]] bool wants_to_send() const noexcept { return up_.can_write(); }
  [[nodiscard]] bool wants_to_receive() const noexcept { return down_.can_read(); }
  [[nodiscard]] bool wants_to_write() const noexcept { return down_.can_write(); }
  /// No data to transfer on the socket, but its failure matters.
  [[nodiscard]] bool watches_socket() const noexcept { return up_.sink_open; }
  /// The input has ended: if the reader closes the output, the relay ends before more data arrive.
  [[nodiscard]] bool watches_output() const noexcept { return down_.sink_open && !up_.sink_open; }

  // The octets in each buffer that are still to be written: `pending` octets from `offset`.
  struct part {
    std::size_t offset = 0;
    std::size_t pending = 0;
  };
  [[nodiscard]] part to_send() const noexcept { return {up_.offset, up_.pending}; }
  [[nodiscard]] part to_write() const noexcept { return {down_.offset, down_.pending}; }

  // Reports of what happened. Reading 0 octets means the end. REQUIRES: the corresponding
  // wants_...() is true.
  void on_input(std::size_t octets) noexcept { up_.on_read(octets); }
  void on_sent(std::size_t octets) noexcept { up_.on_written(octets); }
  void on_received(std::size_t octets) noexcept { down_.on_read(octets); }
  void on_written(std::size_t octets) noexcept { down_.on_written(octets); }
  void on_input_failed(error_code ec) noexcept { stop(relay_end::input_failed, ec); }
  void on_send_failed(error_code ec) noexcept;
  void on_receive_failed(error_code ec) noexcept;
  void on_output_failed(error_code ec) noexcept { stop(relay_end::output_failed, ec); }
  void on_output_closed() noexcept { stop(relay_end::output_closed, {}); }

  // Valid after `finish`.
  [[nodiscard]] relay_end end() const noexcept { return end_; }
  [[nodiscard]] error_code error() const noexcept { return error_; }
  [[nodiscard]] std::uint64_t octets_sent() const noexcept { return up_.total; }
  [[nodiscard]] std::uint64_t octets_written() const noexcept { return down_.total; }

 private:
  void stop(relay_end why, error_code ec) noexcept;
  void remember(error_code ec) noexcept;

  helper::relay_direction up_;    // input → socket
  helper::relay_direction down_;  // socket → output
  bool interactive_;
  bool socket_failed_ = false;
  relay_end end_ = relay_end::none;
  error_code error_;
};

}  // namespace sdconnect::cli
