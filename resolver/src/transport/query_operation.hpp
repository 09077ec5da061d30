/// \file
/// Performs what an exchange decides: sockets, timers, zone files.
#pragma once

#include "sdconnect/dns/entropy.hpp"
#include "sdconnect/transport/dns_client.hpp"
#include "transport/completion.hpp"
#include "transport/exchange.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace sdconnect {

class query_operation;

/// What the queries of one client share.
struct dns_client::state {
  state(executor_type ex, dns_client_options opts) : executor(std::move(ex)), options(std::move(opts)) {}

  [[nodiscard]] const std::vector<name_server>& servers_for(const name& qname) const noexcept;

  executor_type executor;
  dns_client_options options;
  entropy_source ids;
  std::size_t rotation = 0;
  std::size_t in_flight = 0;
  std::deque<std::weak_ptr<query_operation>> waiting;  // an operation is kept alive by its own timer
  std::vector<std::uint8_t> datagram = std::vector<std::uint8_t>(65535);
};

class query_operation : public std::enable_shared_from_this<query_operation> {
 public:
  using completion_type = completion<error_code, query_result>;

  query_operation(std::shared_ptr<dns_client::state> shared, const question& asked,
                  dns_client::clock::time_point deadline, completion_type done);

  void start();
  void cancel();

 private:
  using clock = dns_client::clock;

  /// One TCP attempt, kept by its own callbacks: a read that has moved a part already would else go on in the socket
  /// and buffer of the next.
  struct tcp_dialogue {
    boost::asio::ip::tcp::socket socket;
    std::array<std::uint8_t, 2> length{};
    std::vector<std::uint8_t> octets;
  };

  void begin();
  void perform(const exchange::action& next);
  void send_udp(std::size_t server);
  void send_tcp(std::size_t server);
  void ask_file(const zone& file);
  void wait_for_datagram();
  void receive_datagrams();
  void read_stream();
  void wait_until(clock::time_point until);
  void fail_send(error_code ec);
  template <class Next>
  auto guarded(Next next);
  static void start_waiting(const std::shared_ptr<dns_client::state>& shared);
  void close_sockets();
  void finish(error_code status);

  std::shared_ptr<dns_client::state> shared_;
  question asked_;
  clock::time_point deadline_;
  completion_type done_;
  const std::vector<name_server>& servers_;
  std::optional<exchange> exchange_;
  boost::asio::steady_timer timer_;
  boost::asio::ip::udp::socket udp_;
  std::shared_ptr<tcp_dialogue> tcp_;
  unsigned attempt_ = 0;  // callbacks of an earlier attempt's socket are ignored
};

}  // namespace sdconnect
