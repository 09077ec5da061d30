/// \file
/// Connects to what a route leads to.
#pragma once

#include "helper/route/route_table.hpp"
#include "helper/run/srv_memory.hpp"
#include "sdconnect/connect/connector.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace sdconnect::helper {

/// The result of a dial. A failure has no socket.
struct dialed {
  error_code error;
  connection made;
  name service = {};  ///< what was asked for; the root for an address
};

struct dialer_options {
  /// Wishes and timeout of every query; its name is replaced.
  service_query wishes;
  connector_options connecting;
  bool allow_direct = false;
};

/// Shared by all workers. Thread safe; a completion runs on the executor that the caller passes.
class dialer : public std::enable_shared_from_this<dialer> {
 public:
  using handler = std::function<void(dialed)>;

  dialer(resolver find, const dialer_options& options);

  /// Connects to the first of `to.names` that is a service, by rule of its kind:
  ///  - service_or_host asks for the SRV records and the host's addresses together. SRV records get
  ///    300 ms more than the addresses. Without SRV records, or without an answer, it connects to
  ///    the host.
  ///  - direct connects to the host or address itself.
  /// Calls `done` once, not inside this call. REQUIRES: to.kind is not refused.
  void dial(const route& to, const destination& wanted, const boost::asio::any_io_executor& on, handler done);
  /// The same, for a listener that stays with one endpoint while that is healthy. Listeners with
  /// different keys spread over the endpoints by their weights.
  void dial_same(const name& service, std::uint64_t key, const boost::asio::any_io_executor& on, handler done);

  /// Asks DNS about a service that is due, although nobody connects to it now. `same`: one of
  /// dial_same().
  void refresh(const name& service, bool same);

  void close();
  /// Asks DNS anew for everything at the next use.
  void forget_answers() {
    find_.clear_cache();
    memory_.clear();
  }

  [[nodiscard]] std::vector<service_status> status() const;
  [[nodiscard]] std::shared_ptr<balancer> find_balancer(const name& service) const;
  [[nodiscard]] const resolver& find() const noexcept { return find_; }
  [[nodiscard]] const service_query& wishes() const noexcept { return options_.wishes; }
  /// Number of destinations that were connected to directly because DNS gave no answer about SRV.
  [[nodiscard]] std::uint64_t fallbacks() const noexcept { return fallbacks_; }

 private:
  [[nodiscard]] service_query query_for(const name& service) const;
  void dial_service(std::vector<name> names, const boost::asio::any_io_executor& on, handler done);
  void dial_host(const destination& wanted, const boost::asio::any_io_executor& on, handler done);
  void dial_address(const ip_address& address, std::uint16_t port, const boost::asio::any_io_executor& on,
                    handler done);
  void connect(const connector& with, const service_query& query, std::optional<std::uint64_t> key,
               const boost::asio::any_io_executor& on, handler done) const;

  const dialer_options options_;
  resolver find_;
  connector usual_;
  connector sticky_;  // policy hash
  srv_memory memory_;
  std::atomic<std::uint64_t> fallbacks_ = 0;
};

}  // namespace sdconnect::helper
