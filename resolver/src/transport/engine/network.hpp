/// \file
/// What the query engine needs from the outside world: sockets without their system calls.
/// asio_network implements it with real sockets, the scenario runner with scripted ones in virtual
/// time.
#pragma once

#include "sdconnect/net/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace sdconnect::detail {

/// The network chooses the handles: small numbers, unique while open. No function calls back into
/// the engine before it returns; the network reports events later through the engine's on_...()
/// functions.
class network {
 public:
  using socket_id = std::uint32_t;
  using stream_id = std::uint32_t;

  virtual ~network() = default;

  /// Opens a UDP socket bound to local `port` and connected to server `server` (an index into the
  /// engine's servers), so that the kernel drops datagrams from other addresses. Errors:
  /// address_in_use (the caller draws another port), those of the operating system.
  virtual result<socket_id> open_udp(std::size_t server, std::uint16_t port) = 0;
  /// May send the message a moment later, together with others; if that fails, on_unsent() follows.
  virtual error_code send_udp(socket_id socket, std::span<const std::uint8_t> message) = 0;
  virtual void close_udp(socket_id socket) = 0;

  /// Begins to connect a TCP or TLS stream; on_stream_open() or on_stream_closed() follows.
  /// Messages may be written before that; they are sent when the stream is open. Errors: lack of
  /// descriptors.
  virtual result<stream_id> open_stream(std::size_t server) = 0;
  /// Queues one message. The network adds the two octets of length before it (RFC 1035 §4.2.2).
  virtual void write_stream(stream_id stream, std::span<const std::uint8_t> message) = 0;
  /// Closes the stream. The network reports nothing about it after that.
  virtual void close_stream(stream_id stream) = 0;

  /// Sends the query to a server that is a zone file; on_file_reply() follows.
  virtual void ask_file(std::size_t server, std::uint64_t query, std::span<const std::uint8_t> message) = 0;
};

}  // namespace sdconnect::detail
