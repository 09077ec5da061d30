/// \file
/// From a service name to a connected TCP socket: resolve, choose, connect, fail over.
#pragma once

#include "sdconnect/balancer/policy.hpp"
#include "sdconnect/balancer/random.hpp"
#include "sdconnect/connect/connection.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect {

struct connect_options {
  selection_policy policy = selection_policy::rfc2782;
  /// Each attempt's limit.
  std::chrono::milliseconds attempt_timeout{2000};
  /// Head start of each attempt before the next address is tried beside it (RFC 8305 §5); kept between 10 ms and 2 s
  /// (§8).
  std::chrono::milliseconds attempt_delay{250};
  bool use_ipv4 = true;
  bool use_ipv6 = true;
};

/// Connects to the first of `order` that answers. Inside a priority tier the attempts are staggered: all addresses of
/// one endpoint, families interleaved beginning with IPv6 (RFC 8305 §4), then the next endpoint; a failure starts the
/// next at once. The next tier starts when every attempt of this one has failed. Addresses no stream can lead to are
/// not tried (errc::refused_address). Completes with void(error_code, connection); errc::unreachable when all failed,
/// at `deadline` too, an error of the operating system when no descriptor was to be had, operation_aborted.
/// Every cancellation type ends it.
template <class CompletionToken>
auto async_connect_in_order(boost::asio::any_io_executor executor, std::vector<endpoint> order,
                            const connect_options& options, std::chrono::steady_clock::time_point deadline,
                            CompletionToken&& token);

/// Owns nothing that outlives a call but the generator its choices are drawn from. Thread safety as resolver.
class connector {
 public:
  using executor_type = boost::asio::any_io_executor;

  /// Name servers of /etc/resolv.conf, policy rfc2782, seeded from the operating system. Throws as resolver's
  /// constructor.
  explicit connector(executor_type executor) : connector(resolver(std::move(executor))) {}
  explicit connector(resolver with, connect_options options = {},
                     random_engine random = random_engine::from_os_entropy());

  [[nodiscard]] executor_type get_executor() const noexcept { return resolver_.get_executor(); }

  /// Resolves, orders and connects; query.timeout limits all of it. Completes with void(error_code, connection): the
  /// errors of resolver::async_resolve and async_connect_in_order. The connection tells every query and attempt, with
  /// an error too.
  template <class CompletionToken>
  auto async_connect(const service_query& query, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, connection)>(
        [](auto handler, const connector& self, const service_query& q) { self.start(q, std::move(handler)); }, token,
        *this, query);
  }

 private:
  void start(const service_query& query,
             boost::asio::any_completion_handler<void(error_code, connection)> handler) const;

  resolver resolver_;
  connect_options options_;
  std::shared_ptr<random_engine> random_;
};

/// Blocking, for programs without an event loop: resolves `service_name` by the servers of resolv.conf and connects.
/// Throws connect_error, and as resolver's constructor. Thread safe.
[[nodiscard]] boost::asio::ip::tcp::socket connect(std::string_view service_name,
                                                   std::chrono::milliseconds timeout = std::chrono::seconds(5));

/// Every attempt in one line, e.g. "host1.example.com. 192.0.2.1:80 (Connection refused), ..."; of more than 16 the
/// first 16 and how many more.
[[nodiscard]] std::string describe_attempts(const connection& tried);

/// What went wrong in one line, with every attempt: for people and logs; escaped for display.
[[nodiscard]] std::string explain_failure(error_code ec, const connection& tried);

/// what() is one line: that of explain_failure, or what is wrong with the name.
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
