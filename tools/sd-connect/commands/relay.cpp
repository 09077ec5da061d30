/// \file
/// `sd-connect SERVICE`: joins standard input and output to one endpoint, usable as ssh's
/// ProxyCommand.
///
/// SIGINT, SIGTERM and SIGHUP keep their default action: the kernel closes the socket, the program
/// never changes the terminal's settings, and a shell sees the usual 128 + n. A parent process can
/// tell a signal from an exit code; a signal handler would hide the difference.

#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/relay_loop.hpp"
#include "sd-connect/commands/stream_service.hpp"

#include <fmt/format.h>

#include <csignal>
#include <unistd.h>

namespace sdconnect::cli {

namespace {

exit_code judge(const options& opts, const relay_result& result, const connection& made) {
  const std::string where = stream_text(opts, made);
  switch (result.end) {
    case relay_end::complete: return exit_code::done;
    case relay_end::peer_closed:
      if (!opts.quiet) fmt::print(stderr, "sd-connect: {} closed the connection\n", where);
      return exit_code::done;
    case relay_end::socket_failed:
      throw fail(exit_code::stream_broke, "the stream broke",
                 fmt::format("{}, {} octets sent, {} received", where, result.octets_sent, result.octets_written),
                 result.error.message());
    case relay_end::input_failed:
      throw fail(exit_code::stream_broke, "cannot read", "standard input", result.error.message());
    case relay_end::output_failed:
      throw fail(exit_code::stream_broke, "cannot write", "standard output", result.error.message());
    case relay_end::output_closed: throw reader_gone{};
    case relay_end::none: break;
  }
  return exit_code::internal_bug;
}

}  // namespace

exit_code run_relay(const options& opts) {
  require_tcp_service(opts);
  command_context with(opts);
  connection made = with.connect_or_fail();

  // Sends typed characters at once: Nagle's algorithm would delay the second of two small writes.
  error_code ignored;
  made.socket().set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  std::signal(SIGPIPE, SIG_IGN);

  const relay_result result =
      relay({.input = STDIN_FILENO, .output = STDOUT_FILENO, .socket = made.socket().native_handle()});
  // Closes the socket before printing, which could block.
  made.socket().close(ignored);
  return judge(opts, result, made);
}

}  // namespace sdconnect::cli
