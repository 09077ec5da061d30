/// \file
/// What probes of every kind have in common: an end that comes once, by the deadline at the latest,
/// and the connection that most begin with.
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

/// What is prepared once for all probes of a prober.
struct prober::plan {
  probe_options options;
  std::shared_ptr<boost::asio::ssl::context> tls;  ///< for the kinds that use it
  error_code tls_error;                            ///< why there is none
};

namespace detail {

class probe_operation : public std::enable_shared_from_this<probe_operation> {
 public:
  using completion_type = completion<error_code, probe_result>;
  using time_point = std::chrono::steady_clock::time_point;

  /// One endpoint to be probed.
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
  /// False once the probe has ended; what completes later says nothing any more.
  [[nodiscard]] bool is_pending() const noexcept { return task_.done.is_pending(); }

  /// From here on the deadline ends the probe with deadline_passed.
  void arm_deadline();
  /// Ends the probe.
  void finish(error_code ec);

 private:
  virtual void begin() = 0;
  /// The probe has ended: whatever is under way is ended too.
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
  /// The handshake, for the kinds that use TLS, is still to be done. The stream lives as long as
  /// the probe.
  virtual void on_connected(client_stream& stream) = 0;

  boost::asio::cancellation_signal connecting_;
  std::optional<client_stream> stream_;
};

/// Why the peer gave no answer: closed_unanswered() for an end without one.
[[nodiscard]] error_code answer_fault(error_code ec) noexcept;

}  // namespace detail
}  // namespace sdconnect
