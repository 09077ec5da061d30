/// \file
/// The common start of most subcommands: an event loop, a resolver built from the options, and one
/// connection.
#pragma once

#include "net/http/http_exchange.hpp"
#include "sd-connect/options/options.hpp"
#include "sdconnect/connect/connector.hpp"
#include "sdconnect/net/random.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <optional>

namespace sdconnect::cli {

class command_context {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Throws failure (66) if resolv.conf is needed and unreadable.
  explicit command_context(const options& opts);

  [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }
  [[nodiscard]] resolver& find() noexcept { return resolver_; }
  [[nodiscard]] random_engine& random() noexcept { return random_; }

  struct resolved {
    error_code error;
    service found;
  };
  /// Runs the loop until opts.query is resolved. Prints warnings and, if requested, the explanation
  /// on stderr. `told_later` prints an explanation only for a failure: the command explains a
  /// success later.
  enum class explaining { now, told_later };
  [[nodiscard]] resolved resolve(explaining when = explaining::now);
  /// The same, but throws every error as a failure with its exit code and its details.
  [[nodiscard]] service resolve_or_fail(explaining when = explaining::now);

  struct connected {
    error_code error;
    connection made;
  };
  /// Resolves, chooses and connects, by `deadline` (by default opts.timeout from now). Prints
  /// warnings and, if requested, the explanation; with `told_later` only that of a failure, and
  /// connect_next() may follow.
  [[nodiscard]] connected connect_service(explaining when = explaining::now,
                                          std::optional<time_point> deadline = std::nullopt);
  /// The same, but throws every error as a failure.
  [[nodiscard]] connection connect_or_fail();
  /// Continues a connect whose endpoint was useless (connector::async_connect_next). Explains
  /// nothing.
  [[nodiscard]] connected connect_next(connection failed, outcome_kind why, time_point deadline);
  /// Prints the explanation of a connect, if requested.
  void explain_connect(error_code ec, const connection& made) const;

  /// Runs the loop until the exchange ends.
  [[nodiscard]] detail::http_outcome exchange(detail::client_stream& stream, const detail::http_request& request,
                                              const detail::http_handlers& handlers,
                                              const detail::http_exchange_options& limits);

  /// Runs the loop until no operation is pending.
  void run();

 private:
  [[nodiscard]] service_query query_until(time_point deadline) const;

  const options& options_;  // must outlive this object
  boost::asio::io_context io_;
  random_engine random_;
  resolver resolver_;
  std::optional<connector> connector_;  // of the last connect_service()
  bool has_connected_ = false;
};

}  // namespace sdconnect::cli
