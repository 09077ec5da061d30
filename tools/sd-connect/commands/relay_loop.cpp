#include "sd-connect/commands/relay_loop.hpp"

#include "net/io/descriptor.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <limits.h>
#include <memory>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sdconnect::cli {

namespace {

bool is_again(int error) { return error == EINTR || error == EAGAIN || error == EWOULDBLOCK; }

enum class stream_kind { pipe, socket, terminal, other };

stream_kind kind_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return stream_kind::other;
  if (S_ISFIFO(status.st_mode)) return stream_kind::pipe;
  if (S_ISSOCK(status.st_mode)) return stream_kind::socket;
  return ::isatty(fd) == 1 ? stream_kind::terminal : stream_kind::other;
}

/// Opens a new file description for the same pipe, so that O_NONBLOCK affects only this process.
/// Returns -1 without /proc or permission.
int open_anew(int fd) {
  return ::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/// Writes so that a slow reader does not delay the other direction.
class output_writer {
 public:
  explicit output_writer(int fd)
      : fd_(fd), kind_(kind_of(fd)), reopened_(kind_ == stream_kind::pipe ? open_anew(fd) : -1) {}

  [[nodiscard]] int polled() const noexcept { return reopened_.get() >= 0 ? reopened_.get() : fd_; }
  /// Whether a write without a preceding poll returns at once, as far as this is true for files.
  [[nodiscard]] bool never_blocks() const noexcept {
    if (kind_ == stream_kind::pipe) return reopened_.get() >= 0;
    return kind_ != stream_kind::terminal;
  }

  ssize_t write(const char* data, std::size_t size) const {
    if (kind_ == stream_kind::socket) return ::send(fd_, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    // A pipe that poll(2) reports as writable takes PIPE_BUF octets without blocking; a terminal
    // does not promise that.
    if (!never_blocks() && size > PIPE_BUF) size = PIPE_BUF;
    return ::write(polled(), data, size);
  }

  void close(bool relay_goes_on) {
    // Input and output may be the same socket (inetd, socketpair): then only a shutdown signals the
    // end to the reader.
    if (kind_ == stream_kind::socket && relay_goes_on) ::shutdown(fd_, SHUT_WR);
    reopened_.reset();
    // Keeps the number in use: a file opened later must not become "standard output".
    const detail::descriptor null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    if (null.get() >= 0) ::dup2(null.get(), fd_);
  }

 private:
  int fd_;
  stream_kind kind_;
  detail::descriptor reopened_;
};

using buffer = std::array<char, relay_machine::capacity>;

class relay_loop {
 public:
  explicit relay_loop(const relay_descriptors& descriptors)
      : input_(descriptors.input),
        socket_(descriptors.socket),
        output_(descriptors.output),
        machine_(::isatty(descriptors.input) == 1),
        up_(std::make_unique<buffer>()),
        down_(std::make_unique<buffer>()) {}

  relay_result run() {
    for (;;) {
      switch (machine_.next()) {
        case relay_machine::action::wait: wait(); break;
        case relay_machine::action::shut_down_sending: ::shutdown(socket_, SHUT_WR); break;
        case relay_machine::action::close_output: output_.close(machine_.watches_socket()); break;
        case relay_machine::action::finish:
          if (machine_.end() == relay_end::input_failed) reset_when_closed();
          return {machine_.end(), machine_.error(), machine_.octets_sent(), machine_.octets_written()};
      }
    }
  }

 private:
  void wait() {
    // An entry without events has no descriptor: poll(2) reports a hang-up in any case, and the
    // loop would spin.
    const bool uses_socket = machine_.wants_to_receive() || machine_.wants_to_send();
    const auto socket_events =
        static_cast<short>((machine_.wants_to_receive() ? POLLIN : 0) | (machine_.wants_to_send() ? POLLOUT : 0));
    const bool watches_socket = machine_.watches_socket() && !machine_.wants_to_write();
    const auto output_events = static_cast<short>(machine_.wants_to_write() ? POLLOUT : 0);
    std::array<pollfd, 3> polled{{
        {machine_.wants_input() ? input_ : -1, POLLIN, 0},
        {uses_socket || watches_socket ? socket_ : -1, socket_events, 0},
        {machine_.wants_to_write() || machine_.watches_output() ? output_.polled() : -1, output_events, 0},
    }};
    if (::poll(polled.data(), polled.size(), -1) < 0) {
      if (errno != EINTR) machine_.on_receive_failed(detail::last_error());
      return;
    }
    // poll(2) also reports errors as events; the read or write that follows returns the error code.
    if (polled[0].revents != 0) read_input();
    if (polled[1].revents != 0) {
      if (machine_.wants_to_send()) send();
      if (machine_.wants_to_receive()) receive();
      if (!uses_socket) socket_hung_up();
    }
    if (polled[2].revents != 0) {
      if (machine_.wants_to_write()) {
        write_output();
      } else if ((polled[2].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 && machine_.watches_output()) {
        machine_.on_output_closed();
      }
    }
  }

  void read_input() {
    const ssize_t octets = ::read(input_, up_->data(), up_->size());
    if (octets >= 0) {
      machine_.on_input(static_cast<std::size_t>(octets));
      if (machine_.wants_to_send()) send();  // saves a poll: the socket almost always has room
      return;
    }
    if (!is_again(errno)) machine_.on_input_failed(detail::last_error());
  }

  void send() {
    const auto [offset, pending] = machine_.to_send();
    const ssize_t octets = ::send(socket_, up_->data() + offset, pending, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (octets >= 0) return machine_.on_sent(static_cast<std::size_t>(octets));
    if (!is_again(errno)) machine_.on_send_failed(detail::last_error());
  }

  void receive() {
    const ssize_t octets = ::recv(socket_, down_->data(), down_->size(), MSG_DONTWAIT);
    if (octets >= 0) {
      machine_.on_received(static_cast<std::size_t>(octets));
      if (machine_.wants_to_write() && output_.never_blocks()) write_output();
      return;
    }
    if (!is_again(errno)) machine_.on_receive_failed(detail::last_error());
  }

  void write_output() {
    const auto [offset, pending] = machine_.to_write();
    const ssize_t octets = output_.write(down_->data() + offset, pending);
    if (octets >= 0) return machine_.on_written(static_cast<std::size_t>(octets));
    if (errno == EPIPE || errno == ECONNRESET) return machine_.on_output_closed();
    if (!is_again(errno)) machine_.on_output_failed(detail::last_error());
  }

  /// The peer must be able to tell a truncated input from a complete one.
  void reset_when_closed() const {
    const linger reset{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }

  /// The peer had ended its direction and has now closed the connection, while input is still open.
  void socket_hung_up() {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    machine_.on_send_failed({error != 0 ? error : EPIPE, boost::system::system_category()});
  }

  int input_;
  int socket_;
  output_writer output_;
  relay_machine machine_;
  std::unique_ptr<buffer> up_;
  std::unique_ptr<buffer> down_;
};

}  // namespace

relay_result relay(const relay_descriptors& descriptors) { return relay_loop(descriptors).run(); }

}  // namespace sdconnect::cli
