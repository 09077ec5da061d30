/// \file
/// What the query engine needs of the outside world, and what it is told: sockets without their
/// system calls. The Asio shell implements it with real sockets, the scenario runner with scripted
/// ones in virtual time.
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace sdconnect::detail {

/// Handles are chosen by the network, small numbers, unique while open. Nothing here calls back
/// into the engine before it returns; what happens is reported later through the engine's on_...()
/// functions.
class network {
 public:
  using socket_id = std::uint32_t;
  using stream_id = std::uint32_t;

  virtual ~network() = default;

  /// A UDP socket bound to local `port` and connected to server `server` (an index into the
  /// engine's servers), so that the kernel drops what comes from elsewhere. Errors: address_in_use
  /// (the caller draws another port), those of the operating system.
  virtual result<socket_id> open_udp(std::size_t server, std::uint16_t port) = 0;
  /// It may leave a moment later, together with others; if it cannot then, on_unsent follows.
  virtual error_code send_udp(socket_id socket, std::span<const std::uint8_t> message) = 0;
  virtual void close_udp(socket_id socket) = 0;

  /// Begins to connect a TCP or TLS stream; on_stream_open or on_stream_closed follows. Messages
  /// may be written before that and are sent when it is open. Errors: lack of descriptors.
  virtual result<stream_id> open_stream(std::size_t server) = 0;
  /// Queues one message; the two octets of length are put in front of it by the network (RFC 1035
  /// §4.2.2).
  virtual void write_stream(stream_id stream, std::span<const std::uint8_t> message) = 0;
  /// Nothing is reported about it any more.
  virtual void close_stream(stream_id stream) = 0;

  /// Puts the query to a server that is a zone file; on_file_reply follows.
  virtual void ask_file(std::size_t server, std::uint64_t query, std::span<const std::uint8_t> message) = 0;
};

}  // namespace sdconnect::detail
