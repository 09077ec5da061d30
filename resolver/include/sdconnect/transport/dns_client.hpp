/// \file
/// Sends a question to name servers: UDP, TCP after truncation, TLS where configured, the next
/// server after a failure, one deadline for everything.
#pragma once

#include "sdconnect/transport/dns_client_options.hpp"
#include "sdconnect/transport/dns_client_statistics.hpp"
#include "sdconnect/transport/query_report.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace sdconnect {

namespace detail {
class caching_client;
}  // namespace detail

/// Every query has an unpredictable ID. Over UDP it also has an unpredictable source port, never
/// the same twice in a row (RFC 5452 §9.2; docs/decisions/0011-rotating-port-pool.md). The client
/// accepts a reply only if address, port, ID and question match (§9.1); it drops anything else and
/// continues to wait. Queries share TCP and TLS connections, and the client reuses them
/// (RFC 7766 §6.2).
///
/// Cheap to copy: copies share state, which pending questions keep alive. Without pending questions
/// the client keeps no UDP socket open, at most one idle connection per server, and no operation
/// that would keep an io_context running.
///
/// Thread safe: several threads may use copies, and one client, at the same time, also with an
/// executor that runs in several threads. The client holds no lock while a handler runs. Handlers
/// without their own executor run on the client's executor, several at the same time if several
/// threads run it. A cancellation signal is not thread safe: emit it on the handler's executor.
///
/// A client may outlive its context: the context then destroys pending questions without completing
/// them, like every pending operation of Asio. After that the client can only be copied and
/// destroyed. After fork() only one of the two processes may use it.
class dns_client {
 public:
  using clock = std::chrono::steady_clock;
  using executor_type = boost::asio::any_io_executor;
  struct state;  ///< defined by the implementation

  dns_client(executor_type executor, dns_client_options options);

  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Completes with void(error_code, query_result), never inside the initiating call. The error is
  /// answer::status, or query_timed_out at `deadline` (time_point::max(): none), network_failure,
  /// truncated_no_tcp, malformed_message, no_name_servers, an error of the operating system,
  /// operation_aborted. Every cancellation type ends the query. A handler may take the result by
  /// reference, valid only during its call: the client reuses storage that the handler leaves in
  /// it.
  template <class CompletionToken>
  auto async_query(const question& asked, clock::time_point deadline, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, query_result)>(
        [](auto handler, dns_client self, const question& q, clock::time_point until) {
          self.start(q, until, std::move(handler));
        },
        token, *this, asked, deadline);
  }

  /// Sets the servers for questions asked from now on, e.g. after a change of resolv.conf. Pending
  /// questions end with the servers they began with. The client keeps its connections to servers
  /// that remain, and what it knows about them.
  void replace_server_sets(std::vector<server_set> sets);
  /// As replace_server_sets(), and replaces all other options except `max_in_flight` and
  /// `stream_idle_timeout`.
  void replace_options(dns_client_options options);

  /// Call this after a resume from suspend, or when the host's addresses changed. The client closes
  /// its TCP and TLS connections and sends their pending queries again on new ones. UDP sockets
  /// with pending queries only wait for the replies; later attempts and questions use new sockets.
  void reset_connections();

  [[nodiscard]] dns_client_statistics statistics() const noexcept;

 private:
  friend class detail::caching_client;

  void start(const question& asked, clock::time_point deadline,
             boost::asio::any_completion_handler<void(error_code, query_result&&)> handler);

  std::shared_ptr<state> state_;
};

}  // namespace sdconnect
