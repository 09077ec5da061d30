#include "net/http/http_server.hpp"

#include "net/http/http_session.hpp"
#include "net/listen/bind_error.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <sys/socket.h>
#include <utility>

namespace sdconnect::detail {
namespace {

using boost::asio::ip::tcp;

// Without a free descriptor accept() fails at once, again and again.
constexpr std::chrono::milliseconds retry_pause{100};

int socket_option(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0) throw boost::system::system_error(last_error());
  return value;
}

// The protocol of a stream socket that listens. Throws for any other descriptor.
tcp protocol_of(int fd) {
  const int domain = socket_option(fd, SO_DOMAIN);
  if ((domain != AF_INET && domain != AF_INET6) || socket_option(fd, SO_TYPE) != SOCK_STREAM ||
      socket_option(fd, SO_ACCEPTCONN) == 0) {
    throw boost::system::system_error(make_error_code(boost::system::errc::invalid_argument),
                                      "not a TCP socket that listens");
  }
  return domain == AF_INET ? tcp::v4() : tcp::v6();
}

}  // namespace

http_server_state::http_server_state(const boost::asio::any_io_executor& executor, http_server::handler answering,
                                     const http_server_options& with)
    : answer(std::move(answering)), options(with), acceptor(executor), accept_delay(executor) {}

void http_server_state::accept() {
  acceptor.async_accept([self = shared_from_this()](error_code ec, tcp::socket socket) {
    if (!self->acceptor.is_open()) return;
    if (ec && ec != boost::asio::error::connection_aborted) return self->accept_later();
    if (!ec && self->sessions.size() < self->options.max_connections) {
      const auto session = std::make_shared<http_session>(std::move(socket), self);
      self->sessions.insert(session);
      session->start();
    }
    self->accept();
  });
}

void http_server_state::accept_later() {
  accept_delay.expires_after(retry_pause);
  accept_delay.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && self->acceptor.is_open()) self->accept();
  });
}

void http_server_state::close() {
  error_code ignored;
  acceptor.close(ignored);
  accept_delay.cancel();
  for (const auto& session : std::exchange(sessions, {})) session->close();
}

http_server::http_server(boost::asio::any_io_executor executor, handler answer, const http_server_options& options)
    : state_(std::make_shared<http_server_state>(executor, std::move(answer), options)) {}

http_server::~http_server() { close(); }

void http_server::open(const tcp::endpoint& at) {
  tcp::acceptor& acceptor = state_->acceptor;
  try {
    acceptor.open(at.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));  // a restart must not wait for TIME_WAIT to pass
    acceptor.bind(at);
    acceptor.listen();
  } catch (const boost::system::system_error& error) {
    error_code ignored;
    acceptor.close(ignored);
    throw_bind_error(error.code(), "tcp", at);
  }
  state_->accept();
}

void http_server::open(descriptor listening) {
  state_->acceptor.assign(protocol_of(listening.get()), listening.get());
  static_cast<void>(listening.release());
  state_->accept();
}

void http_server::close() { state_->close(); }

tcp::endpoint http_server::local_endpoint() const { return state_->acceptor.local_endpoint(); }

std::size_t http_server::connections() const noexcept { return state_->sessions.size(); }

}  // namespace sdconnect::detail
