/// \file
/// `sd-connect get`: HTTP GET from one endpoint of the service, body on stdout.
///
/// The connect step fails over to other endpoints. After an endpoint has accepted the connection,
/// its failure is the failure of the command. Exit codes that CLI.md does not define: 69 if no
/// octet arrives within --timeout (a proxy in front would answer 504), so that 75 always means DNS;
/// 76 if the peer closes without a response; 74 for a truncated response. Redirects are shown, not
/// followed (FAULTS L22).

#include "net/base/printable.hpp"
#include "net/tls/tls_error.hpp"
#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/http_fields.hpp"
#include "sd-connect/commands/stream_service.hpp"
#include "sd-connect/options/ca_file.hpp"
#include "text/names.hpp"
#include "text/terminal_text.hpp"

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include <unistd.h>

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

/// The name that the certificate must be valid for.
std::string peer_of(const options& opts, const endpoint& where) {
  return opts.tls_name.empty() ? display(where.target) : opts.tls_name;
}

failure handshake_fault(const options& opts, error_code ec, const connection& made) {
  const std::string where = stream_text(opts, made);
  if (const std::string fault = detail::certificate_fault(ec); !fault.empty()) {
    return fail(exit_code::refused, "certificate not accepted",
                fmt::format("{}, expected {}", where, in_quotes(peer_of(opts, made.where))), fault);
  }
  if (ec == errc::deadline_passed) {
    return fail(exit_code::unavailable, "no TLS handshake within the time limit", where, "raise --timeout");
  }
  const bool is_network = ec.category() == boost::system::system_category();
  return fail(is_network ? exit_code::stream_broke : exit_code::protocol, "TLS handshake failed", where, ec.message());
}

failure exchange_failure(const options& opts, const detail::http_outcome& outcome, const connection& made) {
  using stage = detail::http_outcome::stage;
  const std::string where = stream_text(opts, made);
  const bool is_network = outcome.error.category() == boost::system::system_category();
  switch (outcome.reached) {
    case stage::handshake: return handshake_fault(opts, outcome.error, made);
    case stage::sending:
    case stage::waiting:
      if (outcome.error == errc::deadline_passed) {
        return fail(exit_code::unavailable, "connected, but no response within the time limit", where,
                    "raise --timeout");
      }
      if (outcome.error == boost::asio::error::eof) {
        return fail(exit_code::protocol, "the peer closed the connection without a response", where,
                    "does it speak HTTP, or HTTP over TLS (--tls)?");
      }
      return fail(is_network ? exit_code::stream_broke : exit_code::protocol, "no response", where,
                  outcome.error.message());
    case stage::head:
    case stage::body: break;
    case stage::complete: return fail(exit_code::internal_bug, "no failure", where);
  }
  const std::string received = outcome.reached == stage::body
                                   ? fmt::format("{} octets of the body received", outcome.body_octets)
                                   : "head incomplete";
  // A TLS stream that ends without close_notify may have been truncated by an attacker on the path.
  const bool was_cut = is_network || detail::is_cut_short(outcome.error) || detail::is_cut_tls(outcome.error);
  return fail(was_cut ? exit_code::stream_broke : exit_code::protocol,
              was_cut ? "the response broke off" : "not a valid HTTP response", fmt::format("{}, {}", where, received),
              outcome.error.message());
}

exit_code judge(const options& opts, const detail::http_outcome& outcome, const connection& made) {
  if (outcome.error) throw exchange_failure(opts, outcome, made);
  const detail::http_head& head = outcome.head;
  if (head.status >= 400) {
    throw fail(exit_code::unavailable, fmt::format("HTTP status {} {}", head.status, detail::escaped(head.reason)),
               stream_text(opts, made));
  }
  if (head.status / 100 == 3 && !head.location.empty() && !opts.quiet) {
    print_failure(fmt::format("note: redirect to {} not followed", in_quotes(head.location)));
  }
  return exit_code::done;
}

}  // namespace

exit_code run_get(const options& opts) {
  const auto deadline = std::chrono::steady_clock::now() + opts.timeout;
  require_tcp_service(opts);
  const std::shared_ptr<boost::asio::ssl::context> context = opts.tls ? tls_context(opts.ca_file) : nullptr;
  command_context with(opts);
  connection made = with.connect_or_fail();
  const detail::http_request request{.host = host_field(*opts.query, made.where, opts.tls),
                                     .path = opts.path,
                                     .headers = opts.headers,
                                     .user_agent = user_agent()};

  boost::asio::ip::tcp::socket socket = made.release().first;
  std::optional<detail::client_stream> stream;
  if (opts.tls) {
    stream.emplace(std::move(socket), context, peer_of(opts, made.where));
  } else {
    stream.emplace(std::move(socket));
  }
  page_writer page;
  const detail::http_outcome outcome = with.exchange(*stream, request,
                                                     {.on_head =
                                                          [&](const detail::http_head& head) {
                                                            if (opts.include_head) page.write(head.text);
                                                          },
                                                      .on_body = [&](std::string_view octets) { page.write(octets); },
                                                      .before_waiting = [] { flush_output(); }},
                                                     deadline);
  page.finish();
  return judge(opts, outcome, made);
}

}  // namespace sdconnect::cli
