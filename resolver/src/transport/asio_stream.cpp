#include "transport/asio_stream.hpp"

#include "transport/asio_endpoint.hpp"
#include "transport/stream_framing.hpp"
#include "transport/tls_client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <utility>
#include <vector>

namespace sdconnect {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;

constexpr std::size_t read_size = 16384;  // as much as one TLS record holds

struct plain_layer {
  plain_layer(tcp::socket connected, const name_server&) : stream(std::move(connected)) {}
  tcp::socket& socket() noexcept { return stream; }

  template <class Handler>
  void handshake(Handler handler) {
    handler(error_code());
  }
  template <class Pointer>
  void say_goodbye(Pointer) noexcept {}

  tcp::socket stream;
};

struct tls_layer {
  tls_layer(tcp::socket connected, const name_server& server, std::shared_ptr<ssl::context> with)
      : settings(*server.tls), context(std::move(with)), stream(std::move(connected), *context) {
    expect_server(stream.native_handle(), settings, server.address.address);
  }
  tcp::socket& socket() noexcept { return stream.next_layer(); }

  template <class Handler>
  void handshake(Handler handler) {
    stream.async_handshake(ssl::stream_base::client, [this, handler = std::move(handler)](error_code ec) mutable {
      handler(ec ? handshake_failure(stream.native_handle(), ec) : check_pins(stream.native_handle(), settings));
    });
  }
  // Sends close_notify before it returns, if the socket has room for it. The server's own may never come (FAULTS X29),
  // so the socket is closed right after, which releases `self`.
  template <class Pointer>
  void say_goodbye(Pointer self) {
    stream.async_shutdown([self = std::move(self)](error_code) {});
  }

  tls_settings settings;
  std::shared_ptr<ssl::context> context;
  ssl::stream<tcp::socket> stream;
};

template <class Layer>
class stream_over final : public asio_stream, public std::enable_shared_from_this<stream_over<Layer>> {
 public:
  template <class... Arguments>
  explicit stream_over(stream_events events, Arguments&&... layer)
      : events_(std::move(events)), layer_(std::forward<Arguments>(layer)...), block_(read_size) {}

  void connect(const tcp::endpoint& to) {
    layer_.socket().async_connect(to, guarded([](stream_over& self) {
                                    self.layer_.handshake(self.guarded([](stream_over& s) { s.become_open(); }));
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

  void close() override {
    if (std::exchange(is_closed_, true)) return;
    if (is_open_) layer_.say_goodbye(this->shared_from_this());
    error_code ignored;
    layer_.socket().close(ignored);
  }

 private:
  // Nothing happens after close(); an error ends the stream; else `next(*this, octets)`.
  template <class Next>
  auto guarded(Next next) {
    return [self = this->shared_from_this(), next](error_code ec, std::size_t octets = 0) {
      if (self->is_closed_) return;
      if (ec) return self->fail(ec);
      if constexpr (std::is_invocable_v<Next, stream_over&, std::size_t>) {
        next(*self, octets);
      } else {
        next(*self);
      }
    };
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

  // Messages that come while others are being sent go together in the next write.
  void send() {
    if (!sending_.empty() || to_send_.empty()) return;
    sending_.swap(to_send_);
    asio::async_write(layer_.stream, asio::buffer(sending_), guarded([](stream_over& self) {
                        self.sending_.clear();
                        self.send();
                      }));
  }

  void receive() {
    is_reading_ = true;
    layer_.stream.async_read_some(asio::buffer(block_), guarded([](stream_over& self, std::size_t octets) {
                                    self.is_reading_ = false;
                                    self.take({self.block_.data(), octets});
                                  }));
  }

  void take(std::span<const std::uint8_t> octets) {
    framing_.feed(octets);
    for (;;) {
      const auto message = framing_.next();
      if (!message) return fail(message.error());
      if (!*message) break;
      if (owed_ > 0) --owed_;
      events_.received(**message);
      if (is_closed_) return;
    }
    if (!is_reading_ && owed_ > 0) receive();
  }

  // An end between two messages is no failure, however it was announced (FAULTS X29): nothing was cut off.
  void fail(error_code ec) {
    if (is_open_ && (ec == asio::error::eof || ec == ssl::error::stream_truncated))
      ec = framing_.is_mid_message() ? error_code(asio::error::connection_aborted) : asio::error::eof;
    is_closed_ = true;
    error_code ignored;
    layer_.socket().close(ignored);
    events_.closed(ec);
  }

  stream_events events_;
  Layer layer_;
  stream_framing framing_;
  std::vector<std::uint8_t> block_;
  std::vector<std::uint8_t> sending_;
  std::vector<std::uint8_t> to_send_;
  std::size_t owed_ = 0;  // replies
  bool is_open_ = false;
  bool is_reading_ = false;
  bool is_closed_ = false;
};

template <class Layer, class... Arguments>
std::shared_ptr<asio_stream> start(const tcp::endpoint& to, stream_events events, Arguments&&... layer) {
  const auto made = std::make_shared<stream_over<Layer>>(std::move(events), std::forward<Arguments>(layer)...);
  made->connect(to);
  // Operations under way keep the stream alive; letting go of it ends them.
  return {made.get(), [made](asio_stream*) { made->close(); }};
}

// What could not even begin, told as every other end is.
class failed_stream final : public asio_stream {
 public:
  failed_stream(const asio::any_io_executor& executor, std::function<void(error_code)> closed, error_code ec) {
    asio::post(executor, [alive = std::weak_ptr<bool>(alive_), closed = std::move(closed), ec] {
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
  std::shared_ptr<ssl::context> context;
};

stream_opener::stream_opener(asio::any_io_executor executor, const name_server& server)
    : state_(std::make_unique<state>(state{std::move(executor), server, nullptr})) {}
stream_opener::stream_opener(stream_opener&&) noexcept = default;
stream_opener& stream_opener::operator=(stream_opener&&) noexcept = default;
stream_opener::~stream_opener() = default;

result<std::shared_ptr<asio_stream>> stream_opener::open(stream_events events) {
  const name_server& server = state_->server;
  if (server.tls && !state_->context) {
    result<std::shared_ptr<ssl::context>> made = make_tls_context(*server.tls);
    if (!made)
      return std::shared_ptr<asio_stream>(
          std::make_shared<failed_stream>(state_->executor, std::move(events.closed), made.error()));
    state_->context = std::move(*made);
  }

  const auto to = asio_endpoint<tcp::endpoint>(server.address.address, server.address.port);
  tcp::socket socket(state_->executor);
  error_code ec;
  socket.open(to.protocol(), ec);
  if (ec) return ec;
  socket.set_option(tcp::no_delay(true), ec);  // a query must not wait for the acknowledgement of the one before it
  if (!server.tls) return start<plain_layer>(to, std::move(events), std::move(socket), server);
  return start<tls_layer>(to, std::move(events), std::move(socket), server, state_->context);
}

}  // namespace sdconnect
