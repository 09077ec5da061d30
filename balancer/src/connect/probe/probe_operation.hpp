/// \file
/// Common parts of all probes: one completion, at the deadline at the latest, and the connection
/// that most of them begin with.
#pragma once

#include "net/io/completion.hpp"
#include "net/tls/client_stream.hpp"
#include "sdconnect/connect/probe.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace sdconnect {

/// Data that is prepared once for all probes of a prober.
struct prober::plan {
  probe_options options;
  std::shared_ptr<boost::asio::ssl::context> tls;  ///< set for the kinds that use TLS
  error_code tls_error;                            ///< why `tls` is null
};

namespace detail {

class probe_operation : public std::enable_shared_from_this<probe_operation> {
 public:
  using completion_type = completion<error_code, probe_result>;
  using time_point = std::chrono::steady_clock::time_point;

  /// One endpoint to probe.
  struct task {
    boost::asio::any_io_executor executor;
    std::shared_ptr<const prober::plan> prepared;
    endpoint where;
    time_point deadline;
    completion_type done;
  };

  explicit probe_operation(task given);
  probe_operation(const probe_operation&) = delete;
  probe_operation& operator=(const probe_operation&) = delete;
  virtual ~probe_operation() = default;

  void start();
  void cancel();

 protected:
  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return task_.executor; }
  [[nodiscard]] const prober::plan& prepared() const noexcept { return *task_.prepared; }
  [[nodiscard]] const probe_options& options() const noexcept { return task_.prepared->options; }
  [[nodiscard]] const endpoint& where() const noexcept { return task_.where; }
  [[nodiscard]] time_point deadline() const noexcept { return task_.deadline; }
  [[nodiscard]] probe_result& seen() noexcept { return seen_; }
  /// False once the probe has ended; later completions are ignored.
  [[nodiscard]] bool is_pending() const noexcept { return task_.done.is_pending(); }

  /// Starts the timer that ends the probe with deadline_passed.
  void arm_deadline();
  /// Ends the probe.
  void finish(error_code ec);

 private:
  virtual void begin() = 0;
  /// Ends everything under way; called when the probe has ended.
  virtual void abandon() noexcept = 0;

  task task_;
  probe_result seen_;
  time_point started_{};
  boost::asio::steady_timer timer_;
};

/// A probe that begins with a connection.
class connected_probe : public probe_operation {
 public:
  using probe_operation::probe_operation;

 private:
  void begin() final;
  void abandon() noexcept final;
  void use(boost::asio::ip::tcp::socket socket);
  /// Continues after the connection is established. The handshake, for the kinds that use TLS, is
  /// still to be done. The stream lives as long as the probe.
  virtual void on_connected(client_stream& stream) = 0;

  boost::asio::cancellation_signal connecting_;
  std::optional<client_stream> stream_;
};

/// Returns why the peer gave no answer: closed_unanswered() if it closed the connection without
/// one.
[[nodiscard]] error_code answer_fault(error_code ec) noexcept;

}  // namespace detail
}  // namespace sdconnect
