/// \file
/// From a service name to a connected TCP socket: resolve, choose, connect, fail over.
#pragma once

#include "sdconnect/balancer/balancer.hpp"
#include "sdconnect/connect/connect_options.hpp"
#include "sdconnect/connect/connection.hpp"
#include "sdconnect/net/random.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect {

namespace detail {
class connector_state;
}  // namespace detail

/// Connects to the first of `order` that answers. Inside a priority tier the attempts are
/// staggered: all addresses of one endpoint, families interleaved beginning with IPv6 (RFC 8305
/// §4), then the next endpoint; a failure starts the next at once. The next tier starts when every
/// attempt of this one has failed. Addresses no stream can lead to are not tried
/// (errc::refused_address). Completes with void(error_code, connection); errc::unreachable when all
/// failed, at `deadline` too (time_point::max(): there is none), an error of the operating system
/// when no descriptor was to be had, operation_aborted. Every cancellation type ends it.
template <class CompletionToken>
auto async_connect_in_order(boost::asio::any_io_executor executor, std::vector<endpoint> order,
                            const connect_options& options, std::chrono::steady_clock::time_point deadline,
                            CompletionToken&& token);

/// What a connector knows of one of its services.
struct service_status {
  name query;
  std::vector<endpoint_status> endpoints;
};

/// Keeps what DNS says of each service it connected to, and how its endpoints are doing (queries
/// that differ in more than timeouts are different services). A connect to a service that is known
/// waits for nothing: DNS is asked for what is about to end its TTL meanwhile, and what is past it
/// is used while DNS does not answer (RFC 8767). What failed is tried last by the connects that
/// follow. Addresses of an endpoint that failed in the last minute are tried behind its others, and
/// an endpoint that leaves an attempt under way without an answer behind those of its priority.
/// When all have failed, DNS is asked anew, and the connect goes on with what it has not tried.
///
/// Cheap to copy: copies share what is known, and all limits. Thread safe. It may outlive its
/// executor's context; then it can only be destroyed. Without connector_options::keep_fresh it
/// keeps that context busy only while something is asked or connected.
class connector {
 public:
  using executor_type = boost::asio::any_io_executor;

  /// Name servers of /etc/resolv.conf, policy rfc2782, seeded from the operating system. Throws as
  /// resolver's constructor.
  explicit connector(executor_type executor) : connector(resolver(std::move(executor))) {}
  explicit connector(resolver with, const connector_options& options = {},
                     random_engine random = random_engine::from_os_entropy());

  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Finds, orders and connects; query.timeout limits all of it. Completes with void(error_code,
  /// connection), never inside the initiating call: the errors of resolver::async_resolve and
  /// async_connect_in_order. The connection tells every query and attempt, with an error too. The
  /// first attempt at a service that is known is made in the initiating call. Every cancellation
  /// type ends it; emit the signal on the handler's executor.
  template <class CompletionToken>
  auto async_connect(const service_query& query, CompletionToken&& token) {
    return async_connect(query, std::optional<std::uint64_t>(), std::forward<CompletionToken>(token));
  }

  /// The same for `key`, by which policy `hash` chooses; unset: connector_options::key.
  template <class CompletionToken>
  auto async_connect(const service_query& query, std::optional<std::uint64_t> key, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, connection)>(
        [](auto handler, const connector& self, const service_query& q, std::optional<std::uint64_t> k) {
          self.start(q, k, std::move(handler));
        },
        token, *this, query, key);
  }

  /// Forgets everything. Who is connecting ends with operation_aborted, and so does every connect
  /// from now on.
  void close();

  /// The network is another one: all that was learned of endpoints and addresses is forgotten. Done
  /// by the next connect when the host has other addresses than before, or has slept
  /// (resolver_statistics::network_changes).
  void reset_health();

  /// What a connect with that query goes by. Warms the service: DNS is asked if it was not, and the
  /// balancer has its endpoints when that has answered. Null after close() only. It outlives the
  /// connector, and then changes no more. For active checks (health_checker, to which connects
  /// override good probes), and for whoever wants to pick by himself. Its set is DNS' business:
  /// leave update() alone.
  [[nodiscard]] std::shared_ptr<balancer> find_balancer(const service_query& query) const;

  /// Of the services with endpoints, in the order of their names.
  [[nodiscard]] std::vector<service_status> status() const;

 private:
  void start(const service_query& query, std::optional<std::uint64_t> key,
             boost::asio::any_completion_handler<void(error_code, connection)> handler) const;

  std::shared_ptr<detail::connector_state> state_;
};

/// Blocking, for programs without an event loop: finds `service_name` by the servers of resolv.conf
/// and connects, in `timeout` at most; max(): no limit. The socket is for blocking calls, is not
/// inherited by programs that are started, and may live in a static; no thread serves it. Throws
/// connect_error. Thread safe.
[[nodiscard]] boost::asio::ip::tcp::socket connect(std::string_view service_name,
                                                   std::chrono::milliseconds timeout = std::chrono::seconds(5));

/// Every attempt in one line, e.g. "host1.example.com. 192.0.2.1:80 (Connection refused), ..."; of
/// more than 16 the first 16 and how many more.
[[nodiscard]] std::string describe_attempts(const connection& tried);

/// What went wrong in one line, with the name of the service and every attempt: for people and
/// logs; escaped for display.
[[nodiscard]] std::string explain_failure(error_code ec, const connection& tried);

/// what() is one line: that of explain_failure, or what is wrong with the name, and the name.
class connect_error : public boost::system::system_error {
 public:
  connect_error(error_code ec, std::string line) : system_error(ec), line_(std::move(line)) {}
  [[nodiscard]] const char* what() const noexcept override { return line_.c_str(); }

 private:
  std::string line_;
};

namespace detail {
void start_connect_in_order(boost::asio::any_io_executor executor, std::vector<endpoint> order,
                            const connect_options& options, std::chrono::steady_clock::time_point deadline,
                            boost::asio::any_completion_handler<void(error_code, connection)> handler);
}

template <class CompletionToken>
auto async_connect_in_order(boost::asio::any_io_executor executor, std::vector<endpoint> order,
                            const connect_options& options, std::chrono::steady_clock::time_point deadline,
                            CompletionToken&& token) {
  return boost::asio::async_initiate<CompletionToken, void(error_code, connection)>(
      [](auto handler, boost::asio::any_io_executor ex, std::vector<endpoint> endpoints, const connect_options& opts,
         std::chrono::steady_clock::time_point until) {
        detail::start_connect_in_order(std::move(ex), std::move(endpoints), opts, until, std::move(handler));
      },
      token, std::move(executor), std::move(order), options, deadline);
}

}  // namespace sdconnect
