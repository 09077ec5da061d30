/// \file
/// `sd-connect get`: HTTP GET from one endpoint of the service, body on stdout.
///
/// As long as nothing of a response was passed on, the next endpoint is tried: a GET is safe to
/// repeat (RFC 9110 §9.2.1). From the head of a response on, the endpoint's failure is the failure
/// of the command. Redirects are shown, not followed (FAULTS L22).

#include "net/base/printable.hpp"
#include "net/base/saturating.hpp"
#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/get_fault.hpp"
#include "sd-connect/commands/http_fields.hpp"
#include "sd-connect/commands/stream_service.hpp"
#include "sd-connect/explain/failures.hpp"
#include "sd-connect/options/ca_file.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "text/terminal_text.hpp"

#include <boost/system/errc.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sdconnect::cli {

namespace {

/// Streams to stdout: raw for files and pipes, escaped for a terminal.
class page_writer {
 public:
  void write(std::string_view octets) {
    if (!is_terminal_) {
      print(octets);
    } else {
      print(terminal_.put(octets));
    }
  }
  void finish() {
    print(terminal_.finish());
    flush_output();
  }

 private:
  bool is_terminal_ = ::isatty(STDOUT_FILENO) == 1;
  terminal_text terminal_;
};

exit_code judge(const options& opts, const detail::http_head& head, const connection& made) {
  if (head.status >= 400) {
    throw fail(exit_code::unavailable, fmt::format("HTTP status {} {}", head.status, detail::escaped(head.reason)),
               stream_text(opts, made));
  }
  if (head.status / 100 == 3 && !head.location.empty() && !opts.quiet) {
    print_failure(fmt::format("note: redirect to {} not followed", in_quotes(head.location)));
  }
  return exit_code::done;
}

/// False if the connect has tried everything that it knows.
bool has_untried(const connection& made) {
  std::size_t known = 0;
  for (const endpoint& e : made.found->endpoints) known += e.addresses.size();
  const auto tried = std::ranges::count_if(
      made.attempts, [](const connect_attempt& a) { return a.result != boost::system::errc::operation_canceled; });
  return known > static_cast<std::size_t>(tried);
}

class getter {
 public:
  explicit getter(const options& opts)
      : opts_(opts),
        tls_(opts.tls ? tls_context(opts.ca_file) : nullptr),
        with_(opts),
        respond_by_(detail::later(std::chrono::steady_clock::now(), std::min(opts.timeout, opts.max_time))),
        complete_by_(detail::later(std::chrono::steady_clock::now(), opts.max_time)) {}

  exit_code run() {
    auto [ec, made] = with_.connect_service(command_context::explaining::told_later, respond_by_);
    if (ec == errc::unreachable && was_reset(made)) throw failure_of_all(opts_, faults_, made);
    if (ec) throw connect_failure(opts_, ec, made);
    for (;;) {
      const detail::http_outcome outcome = ask(made);
      if (!outcome.error) {
        page_.finish();
        return judge(opts_, outcome.head, made);
      }
      if (has_begun(outcome)) {
        page_.finish();
        throw line_of(fault_of(opts_, outcome, made));
      }
      made = next(std::move(made), outcome);
    }
  }

 private:
  static bool has_begun(const detail::http_outcome& outcome) {
    return outcome.reached >= detail::http_outcome::stage::body;
  }

  detail::http_outcome ask(connection& made) {
    detail::http_outcome outcome;
    if (host_of_user(opts_, made.where).empty() && !is_host_name(made.where.target)) {
      outcome.error = errc::bad_target;
      return outcome;
    }
    const detail::http_request request{.host = host_field(opts_, made.where),
                                       .path = opts_.path,
                                       .headers = opts_.headers,
                                       .user_agent = user_agent()};
    auto [socket, use] = made.release();
    made.use = std::move(use);  // for the report of a failure
    std::optional<detail::client_stream> stream;
    if (tls_) {
      const detail::tls_names names = tls_names_of(opts_, made.where);
      stream.emplace(std::move(socket), tls_, names.certificate, names.server_name);
    } else {
      stream.emplace(std::move(socket));
    }
    return with_.exchange(*stream, request,
                          {.on_head = [&](const detail::http_head& head) { take_head(head, made); },
                           .on_body = [&](std::string_view octets) { page_.write(octets); },
                           .before_waiting = [] { flush_output(); }},
                          {.handshake_by = has_untried(made) ? handshake_limit() : respond_by_,
                           .respond_by = respond_by_,
                           .complete_by = complete_by_});
  }

  /// While there are other endpoints, a handshake gets no more time than a connection.
  [[nodiscard]] command_context::time_point handshake_limit() const {
    return std::min(respond_by_, detail::later(std::chrono::steady_clock::now(), opts_.connect_timeout));
  }

  void take_head(const detail::http_head& head, const connection& made) {
    with_.explain_connect({}, made);
    if (opts_.include_head) page_.write(head.text);
  }

  /// Throws the failure of the command if there is no other endpoint, or no time.
  connection next(connection made, const detail::http_outcome& outcome) {
    faults_.push_back(fault_of(opts_, outcome, made));
    note_result(made, cause_of(outcome));
    if (std::chrono::steady_clock::now() >= respond_by_) give_up(errc::deadline_passed, made);
    command_context::connected more = with_.connect_next(std::move(made), kind_of(outcome), respond_by_);
    if (more.error) give_up(more.error, more.made);
    return std::move(more.made);
  }

  /// The attempt that connected shows the result of the exchange.
  static void note_result(connection& made, error_code ec) {
    const auto connected = std::ranges::find(made.attempts, error_code(), &connect_attempt::result);
    if (connected == made.attempts.end()) return;
    connected->result = ec;
    connected->elapsed = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                               made.first_attempt - connected->started);
  }

  [[noreturn]] void give_up(error_code ec, const connection& tried) const {
    with_.explain_connect(ec, tried);
    if (ec != errc::unreachable && ec != errc::deadline_passed) throw connect_failure(opts_, ec, tried);
    throw failure_of_all(opts_, faults_, tried);
  }

  const options& opts_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  command_context with_;
  const command_context::time_point respond_by_;
  const command_context::time_point complete_by_;
  page_writer page_;
  std::vector<get_fault> faults_;  // of the endpoints that accepted a connection
};

}  // namespace

exit_code run_get(const options& opts) {
  require_tcp_service(opts);
  return getter(opts).run();
}

}  // namespace sdconnect::cli
