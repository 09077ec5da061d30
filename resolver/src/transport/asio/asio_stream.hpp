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

/// What a stream tells. Nothing is called from inside open() or write(), nothing after `closed` or
/// close(). Each may close() the stream and let go of it.
struct stream_events {
  std::function<void()> opened;  ///< connected, and over TLS the server is authenticated
  std::function<void(std::span<std::uint8_t> message)> received;  ///< the octets are the callee's until it returns
  /// asio::error::eof for an end between messages, with or without close_notify; anything else is a
  /// failure: of the operating system, of TLS (tls_error.hpp), connection_aborted for an end inside
  /// a message, malformed_message.
  std::function<void(error_code ec)> closed;
};

/// Has no deadlines of its own: whoever waits for it decides how long, and close() ends every step
/// at once. While it owes no reply (messages received equal those written) it has no operation
/// under way, so an idle stream keeps nobody's io_context running; the next write() finds out
/// whether the server has closed it meanwhile.
///
/// Everything here, opening and destruction too, is called under one lock; what the stream tells is
/// told under that lock, by its Asio handlers. A stream whose context has ended can only be
/// destroyed.
class asio_stream {
 public:
  virtual ~asio_stream() = default;

  /// Queues one message, before or after `opened`. REQUIRES: at most 65535 octets.
  virtual void write(std::span<const std::uint8_t> message) = 0;
  /// Ends it at once. Over TLS close_notify is sent before (RFC 8446 §6.1), the server's is not
  /// waited for.
  virtual void close() = 0;
};

/// Opens streams to one server and keeps what they share, the TLS context with its authorities.
/// Streams may outlive it.
class stream_opener {
 public:
  /// `guard` is the lock, or an alias of it that keeps its owner alive while operations are under
  /// way.
  stream_opener(boost::asio::any_io_executor executor, const name_server& server, std::weak_ptr<std::mutex> guard);
  stream_opener(stream_opener&&) noexcept;
  stream_opener& operator=(stream_opener&&) noexcept;
  ~stream_opener();

  /// Begins to connect. Letting go of the pointer closes the stream. Errors: of socket(), e.g. no
  /// descriptors left. An unusable CA file is told by `closed`.
  [[nodiscard]] result<std::shared_ptr<asio_stream>> open(stream_events events);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace sdconnect::detail
