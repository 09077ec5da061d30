#include "bench/resolve/observer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <span>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sdconnect::bench {
namespace {

socket_observer* observer = nullptr;

}  // namespace

socket_observer::socket_observer() { observer = this; }
socket_observer::~socket_observer() { observer = nullptr; }

void socket_observer::on_bind(int fd, std::uint16_t port) {
  const auto at = static_cast<std::size_t>(fd);
  if (at >= by_fd_.size()) by_fd_.resize(at + 1);
  sockets_.push_back({port, 0, clock::now(), {}});
  by_fd_[at] = sockets_.size();
}

void socket_observer::on_send(int fd, const std::uint8_t* message, std::size_t size) {
  const auto at = static_cast<std::size_t>(fd);
  if (at >= by_fd_.size() || by_fd_[at] == 0 || size < 2) return;
  socket_life& from = sockets_[by_fd_[at] - 1];
  ++from.queries;
  from.last_query = clock::now();
  ids_.push_back(static_cast<std::uint16_t>(message[0] << 8 | message[1]));
}

void socket_observer::on_close(int fd) {
  const auto at = static_cast<std::size_t>(fd);
  if (at < by_fd_.size()) by_fd_[at] = 0;
}

namespace {

std::uint16_t port_of(const sockaddr* at) noexcept {
  if (at->sa_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(at)->sin_port);
  return at->sa_family == AF_INET6 ? ntohs(reinterpret_cast<const sockaddr_in6*>(at)->sin6_port) : std::uint16_t{0};
}

}  // namespace
}  // namespace sdconnect::bench

using sdconnect::bench::observer;

extern "C" int bind(int fd, const sockaddr* at, socklen_t size) noexcept {
  const auto out = static_cast<int>(::syscall(SYS_bind, fd, at, size));
  if (observer != nullptr && out == 0 && sdconnect::bench::port_of(at) != 0) {
    observer->on_bind(fd, sdconnect::bench::port_of(at));
  }
  return out;
}

extern "C" ssize_t send(int fd, const void* message, size_t size, int flags) {
  if (observer != nullptr) observer->on_send(fd, static_cast<const std::uint8_t*>(message), size);
  return ::sendto(fd, message, size, flags, nullptr, 0);
}

extern "C" int sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  if (observer != nullptr) {
    for (const mmsghdr& each : std::span(messages, count)) {
      const iovec& part = *each.msg_hdr.msg_iov;  // the library sends messages in one piece
      observer->on_send(fd, static_cast<const std::uint8_t*>(part.iov_base), part.iov_len);
    }
  }
  return static_cast<int>(::syscall(SYS_sendmmsg, fd, messages, count, flags));
}

extern "C" int close(int fd) {
  if (observer != nullptr) observer->on_close(fd);
  return static_cast<int>(::syscall(SYS_close, fd));
}
