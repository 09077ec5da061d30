#include "net/listen/tcp_server.hpp"

#include "net/listen/bind_error.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <utility>

namespace sdconnect::detail {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using lock = std::lock_guard<std::recursive_mutex>;

// Without a free descriptor accept() fails immediately and repeatedly: retrying without a pause
// would use a whole processor.
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::size_t read_size = 16384;

}  // namespace

tcp_server::tcp_server(boost::asio::any_io_executor executor, mutex_pointer mutex, on_session opened,
                       tcp_server_options options)
    : mutex_(std::move(mutex)),
      acceptor_(executor),
      accept_delay_(std::move(executor)),
      opened_(std::move(opened)),
      options_(std::move(options)) {}

void tcp_server::open(const tcp::endpoint& at) {
  const lock held(*mutex_);
  try {
    acceptor_.open(at.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));  // a restart must not wait for TIME_WAIT to pass
    acceptor_.bind(at);
    acceptor_.listen();
  } catch (const boost::system::system_error& error) {
    error_code ignored;
    acceptor_.close(ignored);
    throw_bind_error(error.code(), "tcp", at);
  }
}

void tcp_server::start() { accept(); }

void tcp_server::accept() {
  const lock held(*mutex_);
  acceptor_.async_accept([self = shared_from_this()](error_code ec, tcp::socket socket) {
    const lock holding(*self->mutex_);
    if (ec == boost::asio::error::operation_aborted || !self->acceptor_.is_open()) return;
    if (ec == boost::asio::error::connection_aborted) return self->accept();
    if (ec) return self->accept_later();
    if (self->sessions_.size() < self->options_.max_sessions) {
      ++self->accepted_;
      const auto session = std::make_shared<tcp_session>(std::move(socket), self, self->opened_());
      self->sessions_.insert(session);
      session->start();
    }
    self->accept();
  });
}

void tcp_server::accept_later() {
  accept_delay_.expires_after(accept_pause);
  accept_delay_.async_wait([self = shared_from_this()](error_code ec) {
    const lock held(*self->mutex_);
    if (!ec && self->acceptor_.is_open()) self->accept();
  });
}

void tcp_server::close() {
  const lock held(*mutex_);
  error_code ignored;
  acceptor_.close(ignored);
  accept_delay_.cancel();
  for (const auto& session : std::exchange(sessions_, {})) session->close();
}

bool tcp_server::is_open() const {
  const lock held(*mutex_);
  return acceptor_.is_open();
}

tcp::endpoint tcp_server::local_endpoint() const {
  const lock held(*mutex_);
  return acceptor_.local_endpoint();
}

std::uint64_t tcp_server::session_count() const {
  const lock held(*mutex_);
  return accepted_;
}

tcp_session::tcp_session(tcp::socket socket, const std::shared_ptr<tcp_server>& server, tcp_server::on_octets received)
    : socket_(std::move(socket)),
      idle_(socket_.get_executor()),
      server_(server),
      mutex_(server->mutex_),
      idle_timeout_(server->options_.idle_timeout),
      on_octets_(std::move(received)),
      block_(read_size) {
  if (server->options_.tls) tls_.emplace(*server->options_.tls);
}

void tcp_session::start() {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  restart_idle_timer();
  read();
}

void tcp_session::restart_idle_timer() {
  idle_.expires_after(idle_timeout_);
  idle_.async_wait([self = shared_from_this()](error_code ec) {
    const lock held(*self->mutex_);
    // A wait that had already ended when the timer was restarted also reports success.
    if (!ec && self->idle_.expiry() <= std::chrono::steady_clock::now()) self->close();
  });
}

void tcp_session::read() {
  socket_.async_read_some(boost::asio::buffer(block_), [self = shared_from_this()](error_code ec, std::size_t count) {
    const lock held(*self->mutex_);
    if (!self->socket_.is_open()) return;
    if (ec) return self->close_when_sent();  // a client that has sent everything may still wait for replies
    self->restart_idle_timer();
    const bool goes_on = self->take({self->block_.data(), count});
    if (!self->received_.empty()) self->on_octets_(*self, self->received_);
    if (!self->socket_.is_open()) return;
    if (!goes_on) return self->close_when_sent();
    self->read();
  });
}

// Returns false if the client will send nothing more.
bool tcp_session::take(std::span<const std::uint8_t> octets) {
  if (!tls_) {
    received_.insert(received_.end(), octets.begin(), octets.end());
    return true;
  }
  const bool goes_on = tls_->receive(octets, received_);
  queue(tls_->take_output());
  return goes_on;
}

void tcp_session::send(std::vector<std::uint8_t> octets) {
  const lock held(*mutex_);
  if (octets.empty() || !socket_.is_open()) return;
  if (!tls_) return queue(std::move(octets));
  tls_->send(octets);
  queue(tls_->take_output());
}

void tcp_session::queue(std::vector<std::uint8_t> octets) {
  if (octets.empty()) return;
  to_send_.push_back(std::move(octets));
  if (to_send_.size() == 1) write();
}

void tcp_session::write() {
  const auto rest = boost::asio::buffer(to_send_.front()) + sent_of_first_;
  socket_.async_write_some(rest, [self = shared_from_this()](error_code ec, std::size_t count) {
    const lock held(*self->mutex_);
    if (!self->socket_.is_open()) return;
    if (ec) return self->close();
    self->sent_of_first_ += count;
    if (self->sent_of_first_ == self->to_send_.front().size()) {
      self->to_send_.pop_front();
      self->sent_of_first_ = 0;
    }
    if (!self->to_send_.empty()) return self->write();
    if (self->is_ending_) self->close();
  });
}

void tcp_session::close_when_sent() {
  const lock held(*mutex_);
  if (tls_ && !is_ending_) {
    tls_->say_goodbye();
    queue(tls_->take_output());
  }
  is_ending_ = true;
  if (to_send_.empty()) close();
}

void tcp_session::close() {
  const auto self = shared_from_this();  // the server may hold the last other reference; this function holds the lock
  const lock held(*mutex_);
  error_code ignored;
  socket_.close(ignored);
  idle_.cancel();
  if (const auto server = server_.lock()) server->sessions_.erase(self);
}

}  // namespace sdconnect::detail
