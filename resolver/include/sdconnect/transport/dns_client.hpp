/// \file
/// Puts one question to name servers: UDP, TCP after truncation, TLS where asked for, the next
/// server after a failure, one deadline over all.
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

/// Every query has an unpredictable ID, and over UDP leaves from an unpredictable port, never twice
/// in a row from the same (RFC 5452 §9.2; docs/decisions/0011-rotating-port-pool.md). A reply
/// counts only when address, port, ID and question match (§9.1), anything else is dropped while
/// waiting goes on. TCP and TLS connections are shared by queries and used again (RFC 7766 §6.2).
///
/// Cheap to copy: copies share state, which questions under way keep alive. Without questions under
/// way no UDP socket is kept open, at most one idle connection a server, and no operation that
/// would keep an io_context running.
///
/// Thread safe: copies, and one client, may be used in several threads at once, on an executor that
/// runs in several, too. No lock is held while a handler runs. Handlers without an executor of
/// their own run on that of the client, several at once if several threads run it. A cancellation
/// signal is not thread safe: emit it on the handler's executor.
///
/// It may outlive its context: questions under way are then destroyed with the context, without
/// completing, as every pending operation of Asio. After that it can only be copied and destroyed.
/// After fork() one of the processes must leave it alone.
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
  /// reference, for the time of its call: storage that it leaves there is used again.
  template <class CompletionToken>
  auto async_query(const question& asked, clock::time_point deadline, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, query_result)>(
        [](auto handler, dns_client self, const question& q, clock::time_point until) {
          self.start(q, until, std::move(handler));
        },
        token, *this, asked, deadline);
  }

  /// Other servers for questions asked from now on, as after a change of resolv.conf; those under
  /// way end with the servers they began with. What is known about servers that stay is kept, and
  /// so are their connections.
  void replace_server_sets(std::vector<server_set> sets);
  /// The same with all other options. `max_in_flight` and `stream_idle_timeout` stay as they are.
  void replace_options(dns_client_options options);

  /// For a resume from suspend, or when the host's addresses changed: questions are sent anew on
  /// fresh sockets and connections as soon as their servers fail to answer on the old ones, which
  /// are used for nothing else any more.
  void reset_connections();

  [[nodiscard]] dns_client_statistics statistics() const noexcept;

 private:
  friend class detail::caching_client;

  void start(const question& asked, clock::time_point deadline,
             boost::asio::any_completion_handler<void(error_code, query_result&&)> handler);

  std::shared_ptr<state> state_;
};

}  // namespace sdconnect
