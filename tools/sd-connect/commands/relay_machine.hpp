/// \file
/// Decides what a relay between input, socket and output does next. Knows no descriptors, so it can
/// be tested by calling it.
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstddef>
#include <cstdint>

namespace sdconnect::cli {

enum class relay_end {
  none,           ///< still going
  complete,       ///< both directions ended, everything was delivered
  peer_closed,    ///< the peer ended its direction, and nobody but a person could have more to send
  socket_failed,  ///< what was received before has been delivered
  input_failed,
  output_failed,
  output_closed,  ///< nobody reads the output any more
};

/// Two directions that end independently, as TCP has it (RFC 9293 §3.6): input → socket and socket
/// → output.
///
///   1. The input ends: what is buffered is sent, then the sending side of the socket is shut down.
///      Receiving goes on.
///   2. The socket ends: what is buffered is written, then the output is closed. Sending goes on
///      until the input ends, because the peer may have closed only its own sending side; that it
///      is gone for good shows as an error.
///   3. The socket fails while sending: what it still delivers is written to the output before the
///      relay ends, so that the peer's last words ("413 Too Large") are not lost.
///   4. A person at a terminal (`interactive`) need not press a key to learn that the peer has
///      ended.
///
/// Each direction reads only when its buffer is empty: never more than `capacity` octets are held
/// (FAULTS L16).
class relay_machine {
 public:
  static constexpr std::size_t capacity = std::size_t{64} * 1024;

  explicit relay_machine(bool interactive = false) noexcept : interactive_(interactive) {}

  /// What to do now; `wait` for one of the wishes below otherwise. The first two count as done when
  /// they are returned.
  enum class action { wait, shut_down_sending, close_output, finish };
  [[nodiscard]] action next() noexcept;

  // What to wait for.
  [[nodiscard]] bool wants_input() const noexcept { return up_.can_read(); }
  [[nodiscard]] bool wants_to_send() const noexcept { return up_.can_write(); }
  [[nodiscard]] bool wants_to_receive() const noexcept { return down_.can_read(); }
  [[nodiscard]] bool wants_to_write() const noexcept { return down_.can_write(); }
  /// Nothing to do with the socket, but its failure would be news.
  [[nodiscard]] bool watches_socket() const noexcept { return up_.sink_open; }
  /// Input has ended: an output that nobody reads any more ends the relay even before data come for
  /// it.
  [[nodiscard]] bool watches_output() const noexcept { return down_.sink_open && !up_.sink_open; }

  // The octets of each buffer still to be passed on: `pending` of them from `offset`.
  struct part {
    std::size_t offset = 0;
    std::size_t pending = 0;
  };
  [[nodiscard]] part to_send() const noexcept { return up_.rest; }
  [[nodiscard]] part to_write() const noexcept { return down_.rest; }

  // What happened. Reading 0 octets is the end. REQUIRES: the corresponding wish.
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
  struct direction {
    bool source_open = true;
    bool sink_open = true;
    part rest;
    std::uint64_t total = 0;

    [[nodiscard]] bool can_read() const noexcept { return source_open && sink_open && rest.pending == 0; }
    [[nodiscard]] bool can_write() const noexcept { return sink_open && rest.pending > 0; }
    [[nodiscard]] bool is_drained() const noexcept { return !source_open && sink_open && rest.pending == 0; }
    void on_read(std::size_t octets) noexcept;
    void on_written(std::size_t octets) noexcept;
    void give_up() noexcept;
  };

  void stop(relay_end why, error_code ec) noexcept;
  void remember(error_code ec) noexcept;

  direction up_;    // input → socket
  direction down_;  // socket → output
  bool interactive_;
  bool socket_failed_ = false;
  relay_end end_ = relay_end::none;
  error_code error_;
};

}  // namespace sdconnect::cli
