#include "sd-connect/commands/http_client.hpp"

#include <boost/asio/error.hpp>

#include <vector>

namespace sdconnect::cli {

namespace {

// As much as one TCP receive usually has to give on loopback; more did not make it faster.
constexpr std::size_t block_size = std::size_t{64} * 1024;

}  // namespace

http_outcome http_exchange(byte_stream& stream, std::string_view request, byte_stream::time_point deadline,
                           const http_handlers& handlers) {
  using stage = http_outcome::stage;
  http_outcome outcome;
  outcome.error = stream.write(request, deadline);
  if (outcome.error) return outcome;
  outcome.reached = stage::waiting;

  http_response_reader reader(
      [&](const http_head& head) {
        outcome.head = head;
        handlers.on_head(head);
      },
      handlers.on_body);
  std::vector<char> block(block_size);
  while (!reader.is_done()) {
    const bool is_first = outcome.reached == stage::waiting;
    const auto [ec, octets] = stream.read_some(block, is_first ? std::optional(deadline) : std::nullopt);
    if (octets > 0) {
      outcome.reached = stage::head;
      outcome.error = reader.put({block.data(), octets});
    } else if (ec == boost::asio::error::eof && !is_first) {
      outcome.error = reader.put_end();
    } else {
      outcome.error = ec;
    }
    if (reader.has_head()) outcome.reached = stage::body;
    outcome.body_octets = reader.body_octets();
    handlers.before_waiting();
    if (outcome.error) return outcome;
  }
  outcome.reached = stage::complete;
  return outcome;
}

}  // namespace sdconnect::cli
