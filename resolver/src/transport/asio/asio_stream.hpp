/// \file
/// One connection to a name server, TCP or TLS, carrying DNS messages.
#pragma once

#include "sdconnect/transport/name_server.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>

namespace sdconnect::detail {

/// Events of a stream. The stream calls none of them inside open() or write(), and none after
/// `closed` or close(). Each may close() the stream and release it.
struct stream_events {
  std::function<void()> opened;  ///< connected, and over TLS the server is authenticated
  /// Returns whether the message was a reply that was due. May change `message`.
  std::function<bool(std::span<std::uint8_t> message)> received;
  /// closed_unanswered() for an end that the server caused, with or without close_notify, between
  /// messages or inside one. Any other error is a failure: of the operating system, of TLS
  /// (tls_error.hpp), malformed_message.
  std::function<void(error_code ec)> closed;
};

/// Has no deadlines: the caller decides how long to wait, and close() ends every step at once.
/// While no reply is due (as many replies received as queries written) it has no pending operation, so an
/// idle stream does not keep an io_context running; the next write() finds out whether the server
/// has closed it.
///
/// Callers hold one lock for everything here, including opening and destruction; the stream's Asio
/// handlers report events under the same lock. A stream whose context has ended can only be
/// destroyed.
class asio_stream {
 public:
  virtual ~asio_stream() = default;

  /// Queues one message, before or after `opened`. REQUIRES: at most 65535 octets.
  virtual void write(std::span<const std::uint8_t> message) = 0;
  /// Ends the stream at once. Over TLS, first sends close_notify (RFC 8446 §6.1); does not wait for
  /// the server's.
  virtual void close() = 0;
};

/// Opens streams to one server and keeps what they share, the TLS context with its authorities.
/// Streams may outlive it.
class stream_opener {
 public:
  /// `guard` is the lock, or an alias of it that keeps its owner alive while operations are
  /// pending.
  stream_opener(boost::asio::any_io_executor executor, const name_server& server, std::weak_ptr<std::mutex> guard);
  stream_opener(stream_opener&&) noexcept;
  stream_opener& operator=(stream_opener&&) noexcept;
  ~stream_opener();

  /// Begins to connect. Releasing the pointer closes the stream. Errors: those of socket(), e.g. no
  /// descriptors left. `closed` reports an unusable CA file.
  [[nodiscard]] result<std::shared_ptr<asio_stream>> open(stream_events events);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace sdconnect::detail
