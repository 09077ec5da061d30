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
  /// How far the exchange came.
  enum class stage : std::uint8_t { handshake, sending, waiting, head, body, complete };
  stage reached = stage::handshake;
  error_code error;               ///< success exactly when complete
  http_head head;                 ///< from stage::body on
  std::uint64_t body_octets = 0;  ///< passed on
  bool keeps_alive = false;       ///< whether the stream can carry another exchange
};

struct http_handlers {
  http_response_reader::head_handler on_head = [](const http_head&) {};
  http_response_reader::body_handler on_body = [](std::string_view) {};
  std::function<void()> before_waiting = [] {};  ///< called when all octets at hand are passed on
};

struct http_exchange_options {
  using time_point = std::chrono::steady_clock::time_point;

  time_point respond_by = time_point::max();                           ///< for the first octet of the response
  time_point complete_by = time_point::max();                          ///< for the whole exchange
  std::uint64_t max_body = std::numeric_limits<std::uint64_t>::max();  ///< in octets
};

/// Performs the TLS handshake if there is one and it is not done yet, sends `request`, passes the
/// response on and calls `done` once, never from inside this function. `stream` must live until
/// then. To cancel, close the stream. A server may respond before it has read the whole request,
/// so a response counts although sending failed.
///
/// Errors: of client_stream; of http_response_reader; errc::deadline_passed, after which the stream
/// is closed. Exceptions of the handlers leave through the function that runs the executor; the
/// exchange does not go on then. Not thread safe.
void async_exchange(client_stream& stream, const http_request& request, http_handlers handlers,
                    const http_exchange_options& options, std::function<void(http_outcome)> done);

}  // namespace sdconnect::detail
