#include "helper/run/listener.hpp"

#include "net/io/asio_endpoint.hpp"
#include "program/report.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace sdconnect::helper {
namespace {

namespace asio = boost::asio;

constexpr int backlog = 1024;
constexpr std::chrono::milliseconds pause_without_resources{100};
constexpr int most_accepted_in_a_turn = 64;  // lets the relays go on under a flood of connections

std::string_view hint_of(const listen_address& at, int error) {
  const bool has_port = at.kind != listen_kind::unix_socket;
  switch (error) {
    case EADDRINUSE:
      return has_port ? "another program uses it; choose another port, or 0 for a free one"
                      : "another program uses it; choose another path";
    case EADDRNOTAVAIL: return "not an address of this host";
    case EACCES: return has_port ? "ports below 1024 need a privilege; choose another one" : "choose another folder";
    case ENOENT: return "its folder must exist";
    default: return {};
  }
}

[[noreturn]] void refuse(const listen_address& at, const char* what, int error) {
  const cli::exit_code code = error == EACCES || error == EPERM ? cli::exit_code::refused : cli::exit_code::os_refused;
  std::string reason = std::strerror(error);
  if (const std::string_view hint = hint_of(at, error); !hint.empty()) reason.append(": ").append(hint);
  throw cli::fail(code, what, at.to_text(), reason);
}

struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
};

socket_address native(const listen_address& at) {
  socket_address out;
  if (at.kind == listen_kind::unix_socket) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::ranges::copy(at.path, name.sun_path);
    std::memcpy(&out.storage, &name, sizeof name);
    out.size = sizeof name;
    return out;
  }
  const auto endpoint = detail::asio_endpoint<asio::ip::tcp::endpoint>(at.address, at.port);
  std::memcpy(&out.storage, endpoint.data(), endpoint.size());
  out.size = static_cast<socklen_t>(endpoint.size());
  return out;
}

/// Removes a socket file on which nobody listens. Another kind of file stays, and so does a socket
/// with a living owner.
void remove_stale(const listen_address& at) {
  struct stat status {};
  if (::lstat(at.path.c_str(), &status) != 0) return;
  if (!S_ISSOCK(status.st_mode)) refuse(at, "not a socket", EEXIST);
  const detail::descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  socket_address to = native(at);
  if (::connect(probe.get(), to.get(), to.size) == 0 || errno != ECONNREFUSED) refuse(at, "cannot listen", EADDRINUSE);
  ::unlink(at.path.c_str());
}

void set(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); }

accepted describe(detail::descriptor socket, const sockaddr_storage& from) {
  accepted out{.socket = std::move(socket), .address = {}};
  if (from.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof v4);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    out.address = ip_address::v4(octets);
    out.port = ntohs(v4.sin_port);
  } else if (from.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &from, sizeof v6);
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
    out.address = ip_address::v6(octets, v6.sin6_scope_id).unmapped();
    out.port = ntohs(v6.sin6_port);
  }
  return out;
}

bool is_own_user(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == ::geteuid() || peer.uid == 0);
}

}  // namespace

detail::descriptor open_listener(listen_address& at, bool shared) {
  const bool is_unix = at.kind == listen_kind::unix_socket;
  const int type = at.kind == listen_kind::udp ? SOCK_DGRAM : SOCK_STREAM;
  const int domain = is_unix ? AF_UNIX : at.address.is_v4() ? AF_INET : AF_INET6;
  detail::descriptor fd(::socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) refuse(at, "cannot listen", errno);
  if (is_unix) {
    remove_stale(at);
  } else {
    if (type == SOCK_STREAM) set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (domain == AF_INET6) set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (shared) set(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  }
  socket_address to = native(at);
  // The file has its mode before anybody can connect.
  const mode_t before = ::umask(is_unix ? 0177 : 0);
  const int bound = ::bind(fd.get(), to.get(), to.size);
  const int error = errno;
  ::umask(before);
  if (bound != 0) refuse(at, "cannot listen", error);
  if (type == SOCK_STREAM && ::listen(fd.get(), backlog) != 0) refuse(at, "cannot listen", errno);
  if (const std::optional<listen_address> bound_to = address_of_listener(fd.get()); bound_to && !is_unix)
    at.port = bound_to->port;
  return fd;
}

std::optional<listen_address> address_of_listener(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  int type = 0;
  socklen_t type_size = sizeof type;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0 ||
      ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) != 0)
    return {};
  if (storage.ss_family == AF_UNIX) {
    sockaddr_un name{};
    std::memcpy(&name, &storage, sizeof name);
    return listen_address{.kind = listen_kind::unix_socket, .path = name.sun_path};
  }
  const accepted described = describe(detail::descriptor(), storage);
  if (!described.address) return {};
  return listen_address{.kind = type == SOCK_DGRAM ? listen_kind::udp : listen_kind::tcp,
                        .address = *described.address,
                        .port = described.port};
}

listener::listener(const asio::any_io_executor& executor, detail::descriptor socket, listen_address at,
                   std::size_t max_rate, handler on_accept)
    : socket_(executor, socket.release()),
      pause_(executor),
      at_(std::move(at)),
      on_accept_(std::move(on_accept)),
      max_rate_(max_rate) {
  struct stat status {};
  if (at_.kind == listen_kind::unix_socket && ::stat(at_.path.c_str(), &status) == 0) file_ = status.st_ino;
}

void listener::start() { wait(); }

void listener::close() {
  if (!socket_.is_open()) return;
  error_code ignored;
  socket_.close(ignored);
  pause_.cancel();
  struct stat status {};
  if (file_ != 0 && ::stat(at_.path.c_str(), &status) == 0 && status.st_ino == file_) ::unlink(at_.path.c_str());
}

void listener::wait() {
  socket_.async_wait(asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](error_code ec) {
    if (!ec && self->socket_.is_open()) self->accept_some();
  });
}

void listener::pause(std::chrono::milliseconds time) {
  pause_.expires_after(time);
  pause_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && self->socket_.is_open()) self->accept_some();
  });
}

bool listener::takes_turn() {
  if (max_rate_ == 0) return true;
  const auto now = std::chrono::steady_clock::now();
  if (now - second_began_ >= std::chrono::seconds(1)) {
    second_began_ = now;
    in_second_ = 0;
  }
  return in_second_ < max_rate_;
}

void listener::accept_some() {
  for (int i = 0; i < most_accepted_in_a_turn && socket_.is_open(); ++i) {
    if (!takes_turn()) return pause(pause_without_resources);
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    detail::descriptor client(
        ::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (client.get() < 0) {
      if (errno == EAGAIN) return wait();
      // The connection that failed is gone; the others are not (accept(2)).
      if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) continue;
      ++failures_;
      return pause(pause_without_resources);
    }
    ++in_second_;
    if (at_.kind == listen_kind::unix_socket && !is_own_user(client.get())) continue;
    on_accept_(describe(std::move(client), from));
  }
  if (socket_.is_open()) wait();
}

}  // namespace sdconnect::helper
