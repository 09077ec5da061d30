#include "program/daemon/service_notifier.hpp"

#include "net/base/printable.hpp"
#include "program/daemon/environment_number.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

// Changes of state wait so long for a service manager that is busy.
constexpr timeval send_timeout{.tv_sec = 5, .tv_usec = 0};

// "/path" or, in the abstract namespace, "@name".
detail::descriptor connected_to(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() < 2 || path.size() >= sizeof address.sun_path) return detail::descriptor();
  if (path.front() != '/' && path.front() != '@') return detail::descriptor();
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());

  detail::descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return detail::descriptor();
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &send_timeout, sizeof send_timeout);
  return socket;
}

}  // namespace

service_notifier service_notifier::from_environment() {
  service_notifier made;
  if (const char* path = secure_getenv("NOTIFY_SOCKET")) made.socket_ = connected_to(path);
  const auto period = number_from_environment("WATCHDOG_USEC");
  const auto watched = number_from_environment("WATCHDOG_PID");
  const bool is_for_us = secure_getenv("WATCHDOG_PID") == nullptr || watched == static_cast<std::uint64_t>(::getpid());
  if (made.is_connected() && period && *period >= 2 && is_for_us) {
    made.watchdog_period_ = std::chrono::microseconds(*period / 2);
  }
  for (const char* variable : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(variable);
  return made;
}

void service_notifier::ready(std::string_view status) {
  send(fmt::format("READY=1\nSTATUS={}\n", detail::escaped(status)), 0);
}

void service_notifier::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n", now.tv_sec * 1'000'000 + now.tv_nsec / 1000), 0);
}

void service_notifier::stopping(std::string_view status) {
  send(fmt::format("STOPPING=1\nSTATUS={}\n", detail::escaped(status)), 0);
}

void service_notifier::status(std::string_view line) {
  send(fmt::format("STATUS={}\n", detail::escaped(line)), MSG_DONTWAIT);
}

void service_notifier::watchdog() { send("WATCHDOG=1\n", MSG_DONTWAIT); }

void service_notifier::send(const std::string& message, int flags) const noexcept {
  if (is_connected()) static_cast<void>(::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL | flags));
}

}  // namespace sdconnect::cli
