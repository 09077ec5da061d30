/// \file
/// Copies octets between pairs of connected sockets, for many pairs in one thread.
#pragma once

#include "helper/relay/relay_pair.hpp"
#include "net/io/descriptor.hpp"
#include "sdconnect/net/error.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sdconnect::helper {

using relay_id = std::uint64_t;

struct relay_report {
  relay_side ended_first = relay_side::client;
  error_code error;                      ///< of `ended_first`, if it failed
  bool was_forced = false;               ///< by relay_engine::end, or by the idle timeout
  std::uint64_t octets_up = 0;           ///< from the client, delivered to the backend's socket
  std::uint64_t octets_down = 0;         ///< to the client
  std::optional<std::uint8_t> first_up;  ///< the first octet from the client
};

struct relay_request {
  std::string for_backend = {};                                               ///< is sent first
  std::string for_client = {};                                                ///< same
  std::chrono::milliseconds idle_timeout = std::chrono::milliseconds::max();  ///< without an octet in any direction
  /// Called once, not inside a call of the engine.
  std::function<void(const relay_report&)> on_end = {};
};

/// Sockets of any stream type: TCP, Unix. Small amounts are copied through one buffer of the engine;
/// from the third full buffer in a row on, data move through a pipe by splice(2), without being
/// copied to the program. An idle relay has neither a buffer nor a pipe. Its sockets are in an epoll
/// set of the engine, and Asio only waits for that set. Keep-alives start after 60 s without data; a
/// TCP peer that does not answer them for another minute has failed. A reset of one side is passed on
/// when the other side has acknowledged the data before it, at most 5 s later. Not thread safe: use
/// it on its executor. REQUIRES: SIGPIPE is ignored.
class relay_engine {
 public:
  /// Throws boost::system::system_error if there is no descriptor for the epoll set.
  explicit relay_engine(const boost::asio::any_io_executor& executor);
  relay_engine(const relay_engine&) = delete;
  relay_engine& operator=(const relay_engine&) = delete;
  /// Closes all sockets; calls no `on_end`.
  ~relay_engine();

  /// Takes two connected sockets.
  relay_id start(detail::descriptor client, detail::descriptor backend, relay_request request);
  /// Resets both sides of a relay. Does nothing if it has ended.
  void end(relay_id id);

  [[nodiscard]] std::size_t size() const noexcept;
  /// Octets up and down so far; zeros for a relay that has ended.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> octets(relay_id id) const;

 private:
  class set;
  std::shared_ptr<set> set_;
};

}  // namespace sdconnect::helper
