#include "program/program.hpp"

#include "program/output.hpp"
#include "program/parse.hpp"
#include "program/report.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <csignal>
#include <exception>
#include <fcntl.h>
#include <new>
#include <optional>
#include <span>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

int number(exit_code code) noexcept { return static_cast<int>(code); }

/// The parent process may have closed standard input, output or error. A socket opened later must
/// not get one of these numbers, because it would then receive data meant for the standard stream.
/// The replacement for standard output is read-only, so writing to it reports an error.
void occupy_standard_descriptors() noexcept {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // open() returns the lowest free number, which is fd.
    [[maybe_unused]] const int taken = ::open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR);
  }
}

int end_with(exit_code code, std::string_view line) noexcept {
  try {
    // Writes earlier stdout data first, if that is still possible.
    flush_output();
  } catch (...) {
  }
  try {
    print_failure(line);
  } catch (...) {
  }
  return number(code);
}

std::optional<invocation> parse_or_report(const description& program, std::span<const char* const> given) {
  try {
    return parse(program, given, surroundings::of_process());
  } catch (const failure& why) {
    if (program.report_failure != nullptr) program.report_failure(given, why);
    throw;
  }
}

exit_code parse_and_run(const description& program, std::span<const char* const> given) {
  exit_code code = exit_code::done;
  if (const std::optional<invocation> said = parse_or_report(program, given))
    code = find_command(program, said->command)->run(*said);
  // Reports a full disk or a closed pipe at the latest here.
  flush_output();
  return code;
}

}  // namespace

int run_program(const description& program, int argc, const char* const* argv) noexcept {
  name_program(program.name);
  occupy_standard_descriptors();
  // If the reader has gone, write(2) returns an error instead of raising a signal. Child processes
  // must get the default action back.
  std::signal(SIGPIPE, SIG_IGN);
  const std::span<const char* const> all(argv, static_cast<std::size_t>(std::max(argc, 0)));
  try {
    return number(parse_and_run(program, all.subspan(std::min<std::size_t>(all.size(), 1))));
  } catch (const failure& f) {
    return end_with(f.code(), f.what());
  } catch (const reader_gone&) {
    return number(exit_code::stream_broke);
  } catch (const std::bad_alloc&) {
    return end_with(exit_code::os_refused, "out of memory");
  } catch (const boost::system::system_error& e) {
    return end_with(exit_code_of(e.code()), e.what());
  } catch (const std::exception& e) {
    return end_with(exit_code::internal_bug, std::string("internal error: ") + e.what() + ": please report it");
  } catch (...) {
    return end_with(exit_code::internal_bug, "internal error: please report it");
  }
}

}  // namespace sdconnect::cli
