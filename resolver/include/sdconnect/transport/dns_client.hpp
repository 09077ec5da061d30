/// \file
/// Puts one question to name servers: UDP, TCP after truncation, the next server after a failure, one deadline over
/// all.
#pragma once

#include "sdconnect/dns/answer.hpp"
#include "sdconnect/transport/name_server.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace sdconnect {

struct dns_client_options {
  std::vector<server_set> server_sets;
  bool tcp_only = false;
  bool rotate = false;  ///< start each question at the next server of the set instead of the first
  /// How long one server may take before the next is asked; doubles with every round through the set.
  std::chrono::milliseconds first_timeout{1000};
  /// Questions under way at once; more wait their turn, first come first served.
  std::size_t max_in_flight = 256;
};

enum class dns_transport { udp, tcp, file };

/// One message sent, or tried to be sent, for a question.
struct query_attempt {
  std::string server;
  dns_transport transport = dns_transport::udp;
  error_code result;  ///< success: this attempt answered (which may be a "no")
  std::chrono::microseconds elapsed{};
  std::uint32_t discarded = 0;  ///< datagrams that did not match the query (RFC 5452 §9.1)
};

/// A question with everything that is known about how it was answered.
struct query_report {
  question asked;
  error_code status;   ///< answer::status, or why there is no answer
  std::string server;  ///< who answered; empty when nobody did
  std::size_t record_count = 0;
  std::vector<query_attempt> attempts;
};

struct query_result {
  struct answer answer;  ///< meaningful when some server answered
  query_report report;
};

/// Every query has an unpredictable ID, and over UDP a socket and port of its own (RFC 5452 §9.2); a reply counts
/// only when address, port, ID and question match (§9.1), anything else is dropped while waiting goes on. Cheap to
/// copy: copies share state. Not thread safe: use it, and run its executor's handlers, on one thread or strand.
class dns_client {
 public:
  using clock = std::chrono::steady_clock;
  using executor_type = boost::asio::any_io_executor;
  struct state;  ///< defined by the implementation

  dns_client(executor_type executor, dns_client_options options);

  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Completes with void(error_code, query_result), never inside the initiating call. The error is answer::status, or
  /// timed_out at `deadline`, network_failure, truncated_no_tcp, malformed_message, no_name_servers, an error of the
  /// operating system, operation_aborted. Every cancellation type ends the query.
  template <class CompletionToken>
  auto async_query(const question& asked, clock::time_point deadline, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, query_result)>(
        [](auto handler, dns_client self, const question& q, clock::time_point until) {
          self.start(q, until, std::move(handler));
        },
        token, *this, asked, deadline);
  }

 private:
  void start(const question& asked, clock::time_point deadline,
             boost::asio::any_completion_handler<void(error_code, query_result)> handler);

  std::shared_ptr<state> state_;
};

}  // namespace sdconnect
