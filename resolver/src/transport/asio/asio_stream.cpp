#include "transport/asio/asio_stream.hpp"

#include "net/io/asio_endpoint.hpp"
#include "net/tls/client_stream.hpp"
#include "net/tls/tls_client.hpp"
#include "net/tls/tls_session.hpp"
#include "transport/engine/stream_framing.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>

#include <optional>
#include <sys/socket.h>
#include <type_traits>
#include <utility>
#include <vector>

namespace sdconnect::detail {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;

constexpr std::size_t read_size = 16384;  // the size of one TLS record

class tcp_stream final : public asio_stream, public std::enable_shared_from_this<tcp_stream> {
  // Wraps a completion handler: it takes the lock, does nothing after close(), ends the stream on
  // an error, and else calls `next(*this, octets)`.
  template <class Next>
  auto guarded(Next next) {
    return [self = shared_from_this(), guard = guard_.lock(), next](error_code ec = {}, std::size_t octets = 0) {
      const std::lock_guard lock(*guard);
      if (self->is_closed_) return;
      if (ec) return self->fail(ec);
      if constexpr (std::is_invocable_v<Next, tcp_stream&, std::size_t>) {
        next(*self, octets);
      } else {
        next(*self);
      }
    };
  }

 public:
  tcp_stream(stream_events events, tcp::socket socket, std::weak_ptr<std::mutex> guard)
      : events_(std::move(events)), socket_(std::move(socket)), guard_(std::move(guard)), block_(read_size) {}

  /// Call before connect().
  void use_tls(std::shared_ptr<ssl::context> context, const name_server& server) {
    tls_.emplace(std::move(context), *server.tls, server.address.address);
  }

  void connect(const tcp::endpoint& to) {
    socket_.async_connect(to, guarded([](tcp_stream& self) {
                            if (self.tls_) return self.go_on_with_handshake();
                            self.become_open();
                          }));
  }

  void write(std::span<const std::uint8_t> message) override {
    if (is_closed_) return;
    to_send_.push_back(static_cast<std::uint8_t>(message.size() >> 8));
    to_send_.push_back(static_cast<std::uint8_t>(message.size() & 0xff));
    to_send_.insert(to_send_.end(), message.begin(), message.end());
    ++owed_;
    if (is_open_) send_and_receive();
  }

  // The server's own close_notify may never come (FAULTS X29), so this closes the socket right
  // after sending close_notify.
  void close() override {
    if (std::exchange(is_closed_, true)) return;
    if (is_open_ && tls_) tls_->say_goodbye();
    send_rest_at_once();
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  void go_on_with_handshake() {
    const result<tls_session::progress> now = tls_->handshake();
    if (!now) return fail(now.error());
    if (*now == tls_session::progress::wants_octets) {
      send();
      return receive();
    }
    is_reading_ = true;  // no receive() yet: more data of the server may have come with the handshake
    become_open();
    if (!is_closed_) take_decrypted();
  }

  void become_open() {
    is_open_ = true;
    events_.opened();
    if (!is_closed_) send_and_receive();
  }

  void send_and_receive() {
    send();
    if (!is_reading_ && owed_ > 0) receive();
  }

  // Messages that come during a write go together in the next one.
  void send() {
    if (!sending_.empty()) return;
    if (!tls_) {
      sending_.swap(to_send_);
    } else {
      if (is_open_) {
        const error_code ec = tls_->write(to_send_);
        to_send_.clear();
        // This may run inside write(), which must not report an event.
        if (ec) return asio::post(socket_.get_executor(), guarded([ec](tcp_stream& self) { self.fail(ec); }));
      }
      tls_->take_output(sending_);
    }
    if (sending_.empty()) return;
    asio::async_write(socket_, asio::buffer(sending_), guarded([](tcp_stream& self) {
                        self.sending_.clear();
                        self.send();
                      }));
  }

  // Sends TLS's last message, close_notify or an alert, if the socket has room for it.
  void send_rest_at_once() {
    if (!tls_ || !sending_.empty() || !socket_.is_open()) return;
    std::vector<std::uint8_t> rest;
    tls_->take_output(rest);
    if (!rest.empty()) ::send(socket_.native_handle(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  // `block_` is in use until is_reading_ is false again.
  void receive() {
    is_reading_ = true;
    socket_.async_read_some(asio::buffer(block_),
                            guarded([](tcp_stream& self, std::size_t octets) { self.on_received(octets); }));
  }

  void on_received(std::size_t octets) {
    const std::span<const std::uint8_t> received(block_.data(), octets);
    if (!tls_) {
      if (take(received)) go_on_receiving();
      return;
    }
    if (const error_code ec = tls_->feed(received)) return fail(ec);
    if (!is_open_) {
      is_reading_ = false;
      return go_on_with_handshake();
    }
    take_decrypted();
  }

  void take_decrypted() {
    is_reading_ = true;
    for (;;) {
      const result<std::size_t> octets = tls_->read(block_);
      if (!octets) return fail(octets.error());
      if (*octets == 0) break;
      if (!take({block_.data(), *octets})) return;
    }
    send();  // sends what TLS itself answers, e.g. to a key update
    go_on_receiving();
  }

  void go_on_receiving() {
    is_reading_ = false;
    if (owed_ > 0) receive();
  }

  // Returns false if the stream has ended.
  [[nodiscard]] bool take(std::span<const std::uint8_t> octets) {
    framing_.feed(octets);
    for (;;) {
      const auto message = framing_.next();
      if (!message) {
        fail(message.error());
        return false;
      }
      if (!*message) return true;
      const bool was_due = events_.received(**message);
      if (is_closed_) return false;
      if (was_due && owed_ > 0) --owed_;
    }
  }

  void fail(error_code ec) {
    if (ec == asio::error::eof || is_cut_tls(ec)) ec = closed_unanswered();
    is_closed_ = true;
    send_rest_at_once();
    error_code ignored;
    socket_.close(ignored);
    events_.closed(ec);
  }

  stream_events events_;
  tcp::socket socket_;
  std::optional<tls_session> tls_;
  std::weak_ptr<std::mutex> guard_;
  stream_framing framing_;
  std::vector<std::uint8_t> block_;
  std::vector<std::uint8_t> sending_;
  std::vector<std::uint8_t> to_send_;  // in clear text
  std::size_t owed_ = 0;               // replies still expected
  bool is_open_ = false;
  bool is_reading_ = false;
  bool is_closed_ = false;
};

// A stream that could not even begin; it reports its end like every other stream.
class failed_stream final : public asio_stream {
 public:
  failed_stream(const asio::any_io_executor& executor, const std::weak_ptr<std::mutex>& guard,
                std::function<void(error_code)> closed, error_code ec) {
    asio::post(executor, [alive = std::weak_ptr<bool>(alive_), guard = guard.lock(), closed = std::move(closed), ec] {
      const std::lock_guard lock(*guard);
      if (!alive.expired()) closed(ec);
    });
  }
  void write(std::span<const std::uint8_t>) override {}
  void close() override { alive_.reset(); }

 private:
  std::shared_ptr<bool> alive_ = std::make_shared<bool>();
};

}  // namespace

struct stream_opener::state {
  asio::any_io_executor executor;
  name_server server;
  std::weak_ptr<std::mutex> guard;
  std::shared_ptr<ssl::context> context;
};

stream_opener::stream_opener(asio::any_io_executor executor, const name_server& server, std::weak_ptr<std::mutex> guard)
    : state_(std::make_unique<state>(state{std::move(executor), server, std::move(guard), nullptr})) {}
stream_opener::stream_opener(stream_opener&&) noexcept = default;
stream_opener& stream_opener::operator=(stream_opener&&) noexcept = default;
stream_opener::~stream_opener() = default;

result<std::shared_ptr<asio_stream>> stream_opener::open(stream_events events) {
  const name_server& server = state_->server;
  if (server.tls && !state_->context) {
    result<std::shared_ptr<ssl::context>> made = make_tls_context(*server.tls);
    if (!made)
      return std::shared_ptr<asio_stream>(
          std::make_shared<failed_stream>(state_->executor, state_->guard, std::move(events.closed), made.error()));
    state_->context = std::move(*made);
  }

  const auto to = asio_endpoint<tcp::endpoint>(server.address.address, server.address.port);
  tcp::socket socket(state_->executor);
  error_code ec;
  socket.open(to.protocol(), ec);
  if (ec) return ec;
  socket.set_option(tcp::no_delay(true), ec);  // a query must not wait for the acknowledgement of the previous one
  const auto made = std::make_shared<tcp_stream>(std::move(events), std::move(socket), state_->guard);
  if (server.tls) made->use_tls(state_->context, server);
  made->connect(to);
  // Pending operations keep the stream alive; releasing this pointer ends them.
  return std::shared_ptr<asio_stream>(made.get(), [made](asio_stream*) { made->close(); });
}

}  // namespace sdconnect::detail
