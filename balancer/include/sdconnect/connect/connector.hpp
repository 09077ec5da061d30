/// \file
/// Connects to a service by its name: resolves, chooses, connects, fails over.
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

/// Connects to the first endpoint of `order` that answers. The attempts inside a priority tier are
/// staggered: all addresses of one endpoint, families interleaved beginning with IPv6 (RFC 8305
/// §4), then the next endpoint; a failure starts the next attempt at once. The next tier starts
/// when every attempt of this one has failed, or, if nothing of it has answered, in time for every
/// tier to be tried before the deadline (docs/decisions/0030-silent-tiers.md). Addresses that are
/// not connectable (ip_address::is_connectable) are not tried (errc::refused_address), nor are
/// link-local IPv6 addresses without a scope. Completes with
/// void(error_code, connection). Errors: errc::unreachable if all failed, also at `deadline`
/// (time_point::max(): there is none); an error of the operating system if no descriptor was
/// available; operation_aborted. Every cancellation type ends the operation.
template <class CompletionToken>
auto async_connect_in_order(boost::asio::any_io_executor executor, std::vector<endpoint> order,
                            const connect_options& options, std::chrono::steady_clock::time_point deadline,
                            CompletionToken&& token);

/// Status of one service of a connector.
struct service_status {
  name query;
  std::vector<endpoint_status> endpoints;
  /// Until the first of its records has reached its TTL; 0: some have, unset: nothing is known.
  std::optional<std::chrono::milliseconds> ttl_left;
  bool stale = false;  ///< DNS gave no answer since then (service::stale)
  error_code status;   ///< why DNS lists no endpoint now, or did not answer
};

/// Keeps the DNS records of each service it connected to, and the health of its endpoints (queries
/// that differ in more than timeouts are different services). A connect to a known service normally
/// does not wait: records near the end of their TTL are refreshed in the background, and those past
/// it are used while DNS does not answer (RFC 8767). Later connects try failed endpoints last. The
/// addresses of an endpoint take turns. An address that failed in the last minute is tried after the other addresses of
/// its endpoint. An endpoint that has not answered a pending attempt within its head start is tried after the others of
/// its priority. If all endpoints have failed, the connector asks DNS again, and the connect continues with what it has
/// not tried.
///
/// Cheap to copy: copies share what is known, and all limits. Thread safe. It may outlive its
/// executor's context; then it can only be destroyed. Without connector_options::keep_fresh it
/// keeps that context busy only while a query or a connect is under way.
class connector {
 public:
  using executor_type = boost::asio::any_io_executor;

  /// Uses the name servers of /etc/resolv.conf, policy rfc2782, and a seed from the operating
  /// system. Throws as resolver's constructor.
  explicit connector(executor_type executor) : connector(resolver(std::move(executor))) {}
  explicit connector(resolver with, const connector_options& options = {},
                     random_engine random = random_engine::from_os_entropy());

  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Resolves, orders and connects; query.timeout limits all of it. Completes with void(error_code,
  /// connection), never inside the initiating call. Errors: those of resolver::async_resolve and
  /// async_connect_in_order. The connection lists every query and attempt, also after an error. If
  /// the service is known, the first attempt starts in the initiating call. Every cancellation type
  /// ends the operation; emit the signal on the handler's executor.
  template <class CompletionToken>
  auto async_connect(const service_query& query, CompletionToken&& token) {
    return async_connect(query, std::optional<std::uint64_t>(), std::forward<CompletionToken>(token));
  }

  /// Same, for `key`, by which policy `hash` chooses; unset: connector_options::key.
  template <class CompletionToken>
  auto async_connect(const service_query& query, std::optional<std::uint64_t> key, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, connection)>(
        [](auto handler, const connector& self, const service_query& q, std::optional<std::uint64_t> k) {
          self.start(q, k, std::move(handler));
        },
        token, *this, query, key);
  }

  /// Continues a connect that led to a useless endpoint: it accepted the connection, but then, for
  /// example, its certificate was not acceptable, or it closed the connection before the protocol
  /// had begun. Reports `why` to the endpoint's health, and connects to what `failed` has not
  /// tried; in the order of failed.plan, if it has one (connector_options::trace). All attempts,
  /// the first included, need a retry from the budget. query.timeout counts anew. The result lists
  /// the attempts of both. REQUIRES: `failed` is the result of a successful connect with this query
  /// by this connector; its socket may be released. Otherwise as async_connect.
  template <class CompletionToken>
  auto async_connect_next(const service_query& query, connection failed, outcome_kind why, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, connection)>(
        [](auto handler, const connector& self, const service_query& q, connection tried, outcome_kind outcome) {
          self.start_next(q, std::move(tried), outcome, std::move(handler));
        },
        token, *this, query, std::move(failed), why);
  }

  /// Forgets everything. Connects under way and all later ones end with operation_aborted.
  void close();

  /// Forgets all that was learned about endpoints and addresses, because the network has changed.
  /// The next connect does this by itself if the addresses of the host have changed or the host was
  /// suspended (resolver_statistics::network_changes).
  void reset_health();

  /// Returns the balancer that a connect with this query uses. Asks DNS about the service if that
  /// was not done yet; the balancer has its endpoints when DNS has answered. Null only after
  /// close(). It may outlive the connector, and then does not change any more. For active checks
  /// (health_checker; connects override its good probes), and for callers that pick endpoints
  /// themselves. Do not call its update(): the connector sets its endpoints from DNS.
  [[nodiscard]] std::shared_ptr<balancer> find_balancer(const service_query& query) const;

  /// Returns the services that have endpoints, in the order of their names.
  [[nodiscard]] std::vector<service_status> status() const;

 private:
  void start(const service_query& query, std::optional<std::uint64_t> key,
             boost::asio::any_completion_handler<void(error_code, connection)> handler) const;
  void start_next(const service_query& query, connection failed, outcome_kind why,
                  boost::asio::any_completion_handler<void(error_code, connection)> handler) const;

  std::shared_ptr<detail::connector_state> state_;
};

/// Blocking, for programs without an event loop: finds `service_name` by the name servers of
/// resolv.conf and connects, within `timeout`; max(): no limit. The socket is for blocking calls,
/// is not inherited by child processes, may be stored in a static, and needs no thread. Throws
/// connect_error. Thread safe.
[[nodiscard]] boost::asio::ip::tcp::socket connect(std::string_view service_name,
                                                   std::chrono::milliseconds timeout = std::chrono::seconds(5));

/// Describes every attempt in one line, e.g. "host1.example.com. 192.0.2.1:80 (Connection refused),
/// ..."; if there are more than 16, the first 16 and the number of the others.
[[nodiscard]] std::string describe_attempts(const connection& tried);

/// Describes the endpoints that were not tried, e.g. "untried for lack of time: host2.example.com:80,
/// ..."; if there are more than 16, the first 16 and the number of the others. Empty if there are
/// none.
[[nodiscard]] std::string describe_untried(const connection& tried);

/// Describes in one line what went wrong, with the name of the service and every attempt, for
/// people and logs; escaped for display.
[[nodiscard]] std::string explain_failure(error_code ec, const connection& tried);

/// what() is one line: that of explain_failure(), or what is wrong with the name, followed by the
/// name.
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
