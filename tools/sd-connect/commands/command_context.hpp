/// \file
/// The common start of most subcommands: an event loop, a resolver built from the options, and one
/// connection.
#pragma once

#include "net/http/http_exchange.hpp"
#include "sd-connect/options/options.hpp"
#include "sdconnect/connect/connection.hpp"
#include "sdconnect/net/random.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>

namespace sdconnect::cli {

class command_context {
 public:
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
  /// Resolves, chooses and connects; opts.timeout limits the sum of all steps. Prints warnings and,
  /// if requested, the explanation.
  [[nodiscard]] connected connect_service();
  /// The same, but throws every error as a failure.
  [[nodiscard]] connection connect_or_fail();

  /// Runs the loop until the exchange ends. The exchange fails if the response has not begun by
  /// `respond_by`.
  [[nodiscard]] detail::http_outcome exchange(detail::client_stream& stream, const detail::http_request& request,
                                              const detail::http_handlers& handlers,
                                              std::chrono::steady_clock::time_point respond_by);

  /// Runs the loop until no operation is pending.
  void run();

 private:
  const options& options_;  // must outlive this object
  boost::asio::io_context io_;
  random_engine random_;
  resolver resolver_;
  bool has_connected_ = false;
};

}  // namespace sdconnect::cli
