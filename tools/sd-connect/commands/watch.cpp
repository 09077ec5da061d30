/// \file
/// `sd-connect watch`: prints one line for each change of a service, until a signal or a limit ends
/// it.
///
///  1. Prints the current set at once, every endpoint as added. A name that does not exist is an
///     empty set and may get endpoints later. If no answer at all is known after --timeout, the
///     program ends as `resolve` does: the user learns that the name servers are wrong, and a
///     supervisor restarts the program.
///  2. After that no failure of DNS ends the program: it keeps the known set and prints since when
///     and why the set may be old.
///  3. SIGINT, SIGTERM, SIGHUP and -n end the program with success. A signal that was ignored stays
///     ignored (nohup).
///  4. Detects without writing that the reader has closed the output: there may be no change for
///     days.
///  5. A slow reader does not delay the handling of signals or of the service; the program merges
///     the changes that happen meanwhile.
///  6. Makes the lines of an update in parts: as one text, those of the largest service would take
///     more memory than the service (FAULTS O7).

#include "sd-connect/commands/watch.hpp"

#include "net/base/utc_text.hpp"
#include "program/output.hpp"
#include "program/report.hpp"
#include "program/signals.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/resolve.hpp"
#include "sd-connect/explain/failures.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <limits>
#include <string>
#include <string_view>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

namespace asio = boost::asio;

constexpr std::size_t least_part = std::size_t{1} << 16;

/// Lives on the stack above its command_context's loop. Its handlers throw exceptions.
class change_printer {
 public:
  change_printer(const options& opts, command_context& with)
      : options_(opts),
        io_(with.io()),
        watcher_(with.find(), *opts.query, {.min_interval = opts.min_interval}),
        signals_(io_),
        output_(io_),
        left_(opts.most_changes.value_or(std::numeric_limits<std::uint64_t>::max())),
        is_colored_(is_colored(opts.color, STDOUT_FILENO)) {}

  void start() {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      if (!is_ignored(signal)) signals_.add(signal);
    }
    signals_.async_wait([this](error_code ec, int) {
      if (!ec) io_.stop();
    });
    text_ = changes_header(options_.format);
    watch_reader();
    write();
  }

 private:
  /// Rule 4. A pipe reports a closed reader as an error condition; a file never does.
  void watch_reader() {
    error_code failed = boost::system::errc::make_error_code(boost::system::errc::too_many_files_open);
    const int own = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (own >= 0) output_.assign(own, failed);
    if (failed) throw fail(exit_code::os_refused, failed.message(), "standard output");
    output_.async_wait(asio::posix::stream_descriptor::wait_error, [](error_code ec) {
      if (!ec) throw reader_gone{};
    });
  }

  /// Writes the update to its end, then continues. Rule 5: never blocks the loop.
  void write() {
    if (written_ == text_.size() && !make_part()) return left_ > 0 ? wait_for_change() : io_.stop();
    output_.async_wait(asio::posix::stream_descriptor::wait_write, [this](error_code ec) {
      if (ec == asio::error::operation_aborted) return;
      // Any other error: stdout is a file, which is always ready.
      written_ += write_some(std::string_view(text_).substr(written_));
      write();
    });
  }

  void wait_for_change() {
    watcher_.async_next([this](error_code ec, watch_update update) {
      if (ec) return;
      update_ = std::move(update);
      told_ = 0;
      time_ = detail::utc_text(std::chrono::system_clock::now());
      write();
    });
  }

  /// Rule 6. Returns false if nothing is left to write.
  bool make_part() {
    text_.clear();
    written_ = 0;
    while (told_ < update_.events.size() && left_ > 0 && text_.size() < least_part) {
      text_ += change_line(options_.format, update_.events[told_++], *update_.view, time_, is_colored_);
      --left_;
    }
    if (text_.empty()) update_ = {};  // which keeps the views before and after it
    return !text_.empty();
  }

  const options& options_;
  asio::io_context& io_;
  service_watcher watcher_;
  asio::signal_set signals_;
  asio::posix::stream_descriptor output_;
  std::uint64_t left_;
  watch_update update_;
  std::size_t told_ = 0;  // events of update_
  std::string time_;      // when it came
  std::string text_;
  std::size_t written_ = 0;  // octets of text_
  bool is_colored_;
};

/// Rule 1. Reports failures like `resolve`; the answers stay in the cache, where the watcher finds
/// them.
void begin(const options& opts, command_context& with) {
  const command_context::resolved out = with.resolve();
  if (!out.error) return;
  const failure why = resolve_failure(opts, out.error, out.found);
  if (!is_an_answer(out.error)) throw failure(why);
  if (!opts.quiet) print_failure("nothing there yet: " + std::string(why.what()));
}

}  // namespace

exit_code run_watch(const options& opts) {
  command_context with(opts);
  begin(opts, with);
  change_printer printer(opts, with);
  printer.start();
  with.run();
  return exit_code::done;
}

}  // namespace sdconnect::cli
