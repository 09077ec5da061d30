/// \file
/// The clients and relays of one thread.
#pragma once

#include "helper/relay/relay_engine.hpp"
#include "helper/run/client.hpp"
#include "helper/run/http_pump.hpp"
#include "helper/run/listener.hpp"
#include "helper/run/shared_state.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace sdconnect::helper {

/// Not thread safe: use it on its executor.
class worker {
 public:
  worker(shared_state& shared, boost::asio::any_io_executor executor);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker();

  /// Listens on behalf of a door. A door with the same key replaces the earlier one, whose listener
  /// goes on, unless there is a new socket.
  void open(const std::string& key, std::shared_ptr<const door> with, std::optional<detail::descriptor> socket);
  /// Stops listening. Its clients stay.
  void close(const std::string& key);
  void close_listeners();
  /// Ends all clients and relays.
  void end_all();

  // For clients.
  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] shared_state& shared() noexcept { return shared_; }
  void forget(const client& gone);
  /// `made` has the use of the endpoint, and no socket.
  void relay(std::string id, std::shared_ptr<const door> through, dialed made, detail::descriptor from,
             detail::descriptor to, relay_request request);
  void pump(std::string id, std::shared_ptr<const door> through, dialed made, http_pump::socket from,
            http_pump::socket to, http_forwarding exchange, std::function<std::string(std::string)> refusal_text);
  /// Counts the end of a client's connection.
  void count_end(const door& through);

 private:
  /// A relay or pump that runs.
  struct stream {
    std::string id;
    std::shared_ptr<const door> through;
    name service;
    endpoint where;
    std::optional<endpoint_use> use;
    relay_id relayed = 0;  // 0: pumped
    std::weak_ptr<http_pump> pumped = {};
    std::pair<std::uint64_t, std::uint64_t> counted{};  // octets already in the ledger
  };
  using stream_list = std::list<stream>;

  stream_list::iterator add(std::string id, std::shared_ptr<const door> through, dialed made);
  void accept(const std::shared_ptr<const door>& through, accepted from);
  void make_room_for_handshake();
  void on_end(stream_list::iterator at, const relay_report& report);
  void end(stream& which);
  void tick();
  void refresh_services();
  void tick_later();

  shared_state& shared_;
  boost::asio::any_io_executor executor_;
  relay_engine engine_;
  boost::asio::steady_timer tick_;
  int ticks_ = 0;
  bool has_told_limit_ = false;  // once in a tick
  struct opened {
    std::shared_ptr<listener> listening;
    std::shared_ptr<std::shared_ptr<const door>> current;
  };
  std::map<std::string, opened> doors_;
  std::unordered_map<const client*, std::shared_ptr<client>> clients_;
  std::list<std::weak_ptr<client>> handshakes_;  // of proxies, the oldest first
  stream_list streams_;
};

}  // namespace sdconnect::helper
