#include "program/output.hpp"

#include "program/report.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

[[noreturn]] void write_failed(int number) {
  // Otherwise stdio would retry the failed data at exit.
  std::clearerr(stdout);
  if (number == EPIPE) throw reader_gone{};
  throw fail(exit_code::stream_broke, "cannot write", "standard output",
             error_code(number, boost::system::system_category()).message());
}

}  // namespace

void print(std::string_view data) {
  if (std::fwrite(data.data(), 1, data.size(), stdout) != data.size()) write_failed(errno);
}

void flush_output() {
  if (std::fflush(stdout) != 0) write_failed(errno);
}

std::size_t write_some(std::string_view data) {
  // pipe(7) promises that a pipe which poll(2) reports as writable takes up to PIPE_BUF octets
  // without blocking.
  const ssize_t written = ::write(STDOUT_FILENO, data.data(), std::min<std::size_t>(data.size(), PIPE_BUF));
  if (written >= 0) return static_cast<std::size_t>(written);
  if (errno != EAGAIN && errno != EINTR) write_failed(errno);
  return 0;
}

bool is_colored(color_mode wish, int descriptor) {
  switch (wish) {
    case color_mode::always: return true;
    case color_mode::never: return false;
    case color_mode::automatic: break;
  }
  const char* terminal = std::getenv("TERM");
  return isatty(descriptor) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

appearance appearance_of(color_mode wish, int descriptor) {
  winsize size{};
  const bool is_known = isatty(descriptor) == 1 && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return {is_colored(wish, descriptor), is_known ? size.ws_col : appearance::unlimited};
}

}  // namespace sdconnect::cli
