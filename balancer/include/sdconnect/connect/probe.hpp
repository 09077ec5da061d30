/// \file
/// An active check of one endpoint: does it accept connections, answer HTTP as it should, prove by
/// TLS who it is, or satisfy a command.
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

/// What was seen, whether it was good or not.
struct probe_result {
  std::optional<ip_address> address;    ///< the one connected to, else the last one tried; of exec the one told
  std::chrono::microseconds elapsed{};  ///< of the whole probe
  std::optional<std::chrono::microseconds> connect_time;  ///< until connected, or until the last address had failed
  std::vector<connect_attempt> attempts;
  std::string tls_version;              ///< "TLSv1.3", after a handshake that passed
  std::optional<unsigned> http_status;  ///< expected or not
  std::optional<int> exit_code;         ///< 128 + n for a command that signal n ended
};

/// Probes endpoints by the same options, as often as wanted and side by side. Copies share what
/// was prepared once: the TLS authorities are read here. Thread safe.
class prober {
 public:
  explicit prober(probe_options options);

  [[nodiscard]] const probe_options& options() const noexcept;

  /// Completes with void(error_code, probe_result), no later than `deadline` (time_point::max():
  /// none). Success: the endpoint is well. Otherwise what is wrong in words for people:
  ///  - of connecting: the last attempt's error; refused_address, unreachable without any address,
  ///    or the lack of descriptors;
  ///  - of TLS: why the certificate was not accepted (condition::refused_by_policy), "CA file not
  ///    usable" (condition::bad_input, which is not the endpoint's doing), or OpenSSL's reason;
  ///  - of HTTP: a status not expected, or what is no HTTP. A probe is over when the response's
  ///    head is there, of which no more than 64 KiB are read; the body is not waited for, redirects
  ///    are not followed;
  ///  - of a command: how it ended, or errors of the operating system when it could not be run.
  ///    bad_target for a target that a command could take for an option.
  ///  - at the deadline: deadline_passed. A command is killed then, together with its process
  ///    group, as it is by cancellation; so is what it leaves running in that group when it ends.
  ///    It is reaped before the executor's context runs out of work. Every cancellation type ends
  ///    it with operation_aborted.
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
