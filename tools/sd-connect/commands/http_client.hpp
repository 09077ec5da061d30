/// \file
/// One HTTP exchange over a connected stream.
#pragma once

#include "sd-connect/commands/byte_stream.hpp"
#include "sdconnect/connect/http_response.hpp"

namespace sdconnect::cli {

struct http_outcome {
  /// How far it came.
  enum class stage { sending, waiting, head, body, complete };
  stage reached = stage::sending;
  error_code error;               ///< success exactly when complete
  http_head head;                 ///< from stage::body on
  std::uint64_t body_octets = 0;  ///< passed on
};

struct http_handlers {
  http_response_reader::head_handler on_head;
  http_response_reader::body_handler on_body;
  std::function<void()> before_waiting;  ///< no more octets are at hand: time to flush
};

/// Sends `request` and passes the response on. `deadline` ends with the response's first octet:
/// what has begun to flow is never cut. Exceptions of the handlers pass through.
[[nodiscard]] http_outcome http_exchange(byte_stream& stream, std::string_view request,
                                         byte_stream::time_point deadline, const http_handlers& handlers);

}  // namespace sdconnect::cli
