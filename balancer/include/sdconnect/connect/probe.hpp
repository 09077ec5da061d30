/// \file
/// An active check of one endpoint: whether it accepts connections, answers HTTP as expected,
/// proves its identity by TLS, or satisfies a command.
#pragma once

#include "sdconnect/connect/connection.hpp"
#include "sdconnect/connect/probe_options.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect {

/// What a probe observed, whether the result was good or not.
struct probe_result {
  /// The address connected to, otherwise the last one tried. Exec: the one passed to the command.
  std::optional<ip_address> address;
  std::chrono::microseconds elapsed{};                    ///< duration of the whole probe
  std::optional<std::chrono::microseconds> connect_time;  ///< until connected, or until the last address failed
  std::vector<connect_attempt> attempts;
  std::string tls_version;              ///< "TLSv1.3", after a successful handshake
  std::optional<unsigned> http_status;  ///< whether expected or not
  std::optional<int> exit_code;         ///< 128 + n for a command that was ended by signal n
};

/// Probes endpoints with the same options, repeatedly and in parallel. Copies share what was
/// prepared once: the constructor reads the TLS authorities. Thread safe.
class prober {
 public:
  explicit prober(probe_options options);

  [[nodiscard]] const probe_options& options() const noexcept;

  /// Completes with void(error_code, probe_result), at `deadline` at the latest (time_point::max():
  /// none). Success: the endpoint is healthy. Otherwise the error's message tells people what is
  /// wrong:
  ///  - Connecting: the last attempt's error; refused_address; unreachable if there is no address;
  ///    or the lack of descriptors.
  ///  - TLS: why the certificate was not accepted (condition::refused_by_policy), "CA file not
  ///    usable" (condition::bad_input, not the endpoint's fault), or OpenSSL's reason.
  ///  - HTTP: an unexpected status, or a response that is not HTTP. A probe ends when it has read
  ///    the response's head, at most 64 KiB; it does not wait for the body and does not follow
  ///    redirects.
  ///  - Command: how it ended, or an error of the operating system if it could not be run.
  ///    bad_target for a target that is not safe as an argument (is_safe_argument).
  ///  - At the deadline: deadline_passed.
  /// The deadline and cancellation kill a command together with its process group. When a command
  /// ends, the processes that it leaves running in that group are killed too. The command is reaped
  /// before the executor's context runs out of work. Every cancellation type ends the probe with
  /// operation_aborted.
  template <class CompletionToken>
  auto async_probe(boost::asio::any_io_executor executor, const endpoint& where,
                   std::chrono::steady_clock::time_point deadline, CompletionToken&& token) const {
    return boost::asio::async_initiate<CompletionToken, void(error_code, probe_result)>(
        [](auto handler, std::shared_ptr<const plan> prepared, boost::asio::any_io_executor ex, const endpoint& e,
           std::chrono::steady_clock::time_point until) {
          start(std::move(prepared), std::move(ex), e, until, std::move(handler));
        },
        token, plan_, std::move(executor), where, deadline);
  }

  struct plan;  // defined by the implementation

 private:
  static void start(std::shared_ptr<const plan> prepared, boost::asio::any_io_executor executor, const endpoint& where,
                    std::chrono::steady_clock::time_point deadline,
                    boost::asio::any_completion_handler<void(error_code, probe_result)> handler);

  std::shared_ptr<const plan> plan_;
};

}  // namespace sdconnect
