/// \file
/// One HTTP exchange over a connected stream.
#pragma once

#include "net/http/http_request.hpp"
#include "net/http/http_response.hpp"
#include "net/tls/client_stream.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>

namespace sdconnect::detail {

struct http_outcome {
  /// How far the exchange got.
  enum class stage : std::uint8_t { handshake, sending, waiting, head, body, complete };
  stage reached = stage::handshake;
  error_code error;               ///< success if and only if complete
  http_head head;                 ///< set from stage::body on
  std::uint64_t body_octets = 0;  ///< octets delivered to on_body
  bool keeps_alive = false;       ///< whether the stream can carry another exchange
};

struct http_handlers {
  http_response_reader::head_handler on_head = [](const http_head&) {};
  http_response_reader::body_handler on_body = [](std::string_view) {};
  std::function<void()> before_waiting = [] {};  ///< called when all received octets have been delivered
};

struct http_exchange_options {
  using time_point = std::chrono::steady_clock::time_point;

  time_point handshake_by = time_point::max();                         ///< for the TLS handshake
  time_point respond_by = time_point::max();                           ///< for the first octet of the response
  time_point complete_by = time_point::max();                          ///< for the whole exchange
  std::uint64_t max_body = std::numeric_limits<std::uint64_t>::max();  ///< in octets
};

/// Performs the TLS handshake if one is needed and not yet done, sends `request`, delivers the
/// response to `handlers` and calls `done` once, never inside this function. `stream` must live
/// until then. To cancel, close the stream. A server may respond before it has read the whole
/// request, so a response counts even if sending failed.
///
/// Errors: those of client_stream and http_response_reader; errc::deadline_passed, after which the
/// stream is closed. An exception of a handler leaves through the function that runs the executor,
/// and the exchange stops. Not thread safe.
void async_exchange(client_stream& stream, const http_request& request, http_handlers handlers,
                    const http_exchange_options& options, std::function<void(http_outcome)> done);

}  // namespace sdconnect::detail
