/// \file
/// Forwards datagrams of local clients to a service over UDP.
#pragma once

#include "helper/run/shared_state.hpp"
#include "net/io/descriptor.hpp"
#include "sdconnect/balancer/balancer.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect::helper {

/// Each client address has a flow: a socket of its own to one endpoint, whose replies go back to the
/// client. A flow ends after a minute without a datagram, and when its endpoint refuses (ICMP); the
/// client's next datagram begins another one, at another endpoint. Not thread safe: use it on its
/// executor.
class udp_forward : public std::enable_shared_from_this<udp_forward> {
 public:
  static constexpr std::size_t max_flows = 1024;  ///< beyond it the flow that was idle the longest ends
  static constexpr std::size_t max_waiting = 16;  ///< datagrams of a flow while DNS is asked; more are dropped
  static constexpr std::chrono::seconds idle_timeout{60};

  udp_forward(const boost::asio::any_io_executor& executor, detail::descriptor socket,
              std::shared_ptr<const door> through, shared_state& shared);

  void start();
  void close();
  [[nodiscard]] std::size_t flows() const noexcept { return flows_.size(); }

 private:
  using udp = boost::asio::ip::udp;
  struct flow;

  void receive();
  void on_datagram(std::size_t size);
  flow& flow_of(const udp::endpoint& client);
  void resolve(const std::shared_ptr<flow>& for_whom);
  void connect(const std::shared_ptr<flow>& which, error_code ec, const service& found);
  void receive_replies(const std::shared_ptr<flow>& which);
  void end(const std::shared_ptr<flow>& which);
  void sweep_later();

  udp::socket socket_;
  boost::asio::steady_timer sweep_;
  std::shared_ptr<const door> door_;
  shared_state& shared_;
  balancer balance_;
  udp::endpoint from_;
  std::array<char, 65536> block_;  // of the datagram at hand, in either direction
  std::map<udp::endpoint, std::shared_ptr<flow>> flows_;
};

}  // namespace sdconnect::helper
