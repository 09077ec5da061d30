#include "program/daemon/socket_activation.hpp"

#include "program/daemon/environment_number.hpp"
#include "program/report.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace sdconnect::cli {
namespace {

// More than any unit has; a wrong number must not make the program go through all descriptors.
constexpr std::uint64_t most_sockets = 1024;

std::string take_first_name(std::string_view& names) {
  const auto end = names.find(':');
  const std::string_view first = names.substr(0, end);
  names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
  return first.empty() ? "unknown" : std::string(first);
}

}  // namespace

std::vector<activated_socket> take_activated_sockets(int first) {
  const auto process = number_from_environment("LISTEN_PID");
  const auto count = number_from_environment("LISTEN_FDS");
  const char* set_names = secure_getenv("LISTEN_FDNAMES");
  const std::string all_names = set_names == nullptr ? "" : set_names;
  for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(variable);
  if (process != static_cast<std::uint64_t>(::getpid())) return {};
  if (!count || *count > most_sockets) throw fail(exit_code::os_refused, "LISTEN_FDS is no number of sockets");

  std::vector<activated_socket> sockets;
  std::string_view names = all_names;
  for (int fd = first; fd < first + static_cast<int>(*count); ++fd) {
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      throw fail(exit_code::os_refused, fmt::format("descriptor {} of LISTEN_FDS is not open", fd));
    }
    sockets.push_back({detail::descriptor(fd), take_first_name(names)});
  }
  return sockets;
}

}  // namespace sdconnect::cli
