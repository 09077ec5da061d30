#include "lab/name_server.hpp"

#include "net/listen/bind_error.hpp"
#include "net/listen/tcp_server.hpp"
#include "sdconnect/dns/query.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>
#include <vector>

namespace sdconnect::lab {
namespace {

using boost::asio::ip::tcp;
using boost::asio::ip::udp;
using boost::system::error_code;
using lock = std::lock_guard<std::recursive_mutex>;

constexpr std::size_t max_message = 65535;
// The port that the kernel chose for TCP may be in use for UDP. Each attempt draws another port.
constexpr int port_attempts = 32;
constexpr std::chrono::milliseconds receive_pause{100};

}  // namespace

// RFC 7766 §6.2.1.1: one connection carries many queries. The server answers each query when its
// reply is ready, in any order.
class name_server_state : public std::enable_shared_from_this<name_server_state> {
 public:
  name_server_state(boost::asio::any_io_executor ex, handler h, name_server_options o)
      : executor(std::move(ex)), answer(std::move(h)), how(std::move(o)), socket(executor), receive_delay(executor) {
    tcp_listener = std::make_shared<detail::tcp_server>(
        executor, mutex,
        [this] {
          return
              [this](detail::tcp_session& session, std::vector<std::uint8_t>& octets) { read_stream(session, octets); };
        },
        detail::tcp_server_options{how.max_connections, how.idle_timeout, how.tls});
  }

  void open();
  bool open_udp(std::uint16_t port);
  void start();
  void close();
  void receive();
  void receive_later();
  void read_stream(detail::tcp_session& session, std::vector<std::uint8_t>& octets);
  void send_datagram(std::span<const std::uint8_t> message, const udp::endpoint& to);
  void ask(std::span<const std::uint8_t> query, const reply_path& back);

  boost::asio::any_io_executor executor;
  handler answer;
  name_server_options how;
  detail::tcp_server::mutex_pointer mutex = std::make_shared<std::recursive_mutex>();
  udp::socket socket;
  udp::endpoint at;
  udp::endpoint sender;
  std::vector<std::uint8_t> datagram = std::vector<std::uint8_t>(max_message);
  boost::asio::steady_timer receive_delay;
  std::shared_ptr<detail::tcp_server> tcp_listener;
  std::array<std::uint64_t, 2> counts{};
};

// Opens TCP first because free TCP ports are rarer: each client port in TIME_WAIT blocks one.
void name_server_state::open() {
  const lock held(*mutex);
  for (int attempt = 1;; ++attempt) {
    tcp_listener->open({how.address, how.port});
    const std::uint16_t port = tcp_listener->local_endpoint().port();
    try {
      if (open_udp(port)) return;
    } catch (...) {
      tcp_listener->close();
      throw;
    }
    tcp_listener->close();
    if (how.port != 0 || attempt == port_attempts) {
      detail::throw_bind_error(boost::asio::error::address_in_use, "udp", udp::endpoint(how.address, port));
    }
  }
}

// Returns false if the port is in use.
bool name_server_state::open_udp(std::uint16_t port) {
  const udp::endpoint wanted(how.address, port);
  error_code ec;
  socket.open(wanted.protocol(), ec);
  if (!ec) socket.bind(wanted, ec);
  if (!ec) socket.non_blocking(true, ec);
  if (!ec) {
    at = wanted;
    return true;
  }
  error_code ignored;
  socket.close(ignored);
  if (ec == boost::asio::error::address_in_use) return false;
  detail::throw_bind_error(ec, "udp", wanted);
}

void name_server_state::start() {
  const lock held(*mutex);
  tcp_listener->start();
  receive();
}

void name_server_state::close() {
  const lock held(*mutex);
  tcp_listener->close();
  error_code ignored;
  socket.close(ignored);
  receive_delay.cancel();
}

void name_server_state::ask(std::span<const std::uint8_t> query, const reply_path& back) {
  ++counts[static_cast<std::size_t>(back.over())];
  answer(query, back);
}

void name_server_state::receive() {
  socket.async_receive_from(boost::asio::buffer(datagram), sender,
                            [self = shared_from_this()](error_code ec, std::size_t count) {
                              const lock held(*self->mutex);
                              if (!self->socket.is_open()) return;
                              if (ec) return self->receive_later();
                              self->ask({self->datagram.data(), count}, reply_path(self, self->sender));
                              if (self->socket.is_open()) self->receive();
                            });
}

void name_server_state::receive_later() {
  receive_delay.expires_after(receive_pause);
  receive_delay.async_wait([self = shared_from_this()](error_code ec) {
    const lock held(*self->mutex);
    if (!ec && self->socket.is_open()) self->receive();
  });
}

// Does not wait: a full socket buffer loses datagrams as a network does.
void name_server_state::send_datagram(std::span<const std::uint8_t> message, const udp::endpoint& to) {
  const lock held(*mutex);
  error_code ignored;
  if (socket.is_open()) socket.send_to(boost::asio::buffer(message.data(), message.size()), to, 0, ignored);
}

// RFC 1035 §4.2.2: two octets of length before each message.
void name_server_state::read_stream(detail::tcp_session& session, std::vector<std::uint8_t>& octets) {
  std::size_t begin = 0;
  while (octets.size() - begin >= 2) {
    const std::size_t length = std::size_t{octets[begin]} << 8 | octets[begin + 1];
    if (octets.size() - begin - 2 < length) break;
    ask({octets.data() + begin + 2, length}, reply_path(weak_from_this(), session.weak_from_this()));
    begin += 2 + length;
  }
  octets.erase(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(begin));
}

reply_path::reply_path(std::weak_ptr<name_server_state> server, udp::endpoint client)
    : server_(std::move(server)), to_(std::move(client)) {}

reply_path::reply_path(std::weak_ptr<name_server_state> server, std::weak_ptr<detail::tcp_session> connection)
    : server_(std::move(server)), to_(std::move(connection)) {}

transport reply_path::over() const noexcept {
  return std::holds_alternative<udp::endpoint>(to_) ? transport::udp : transport::tcp;
}

const udp::endpoint& reply_path::client() const { return std::get<udp::endpoint>(to_); }

void reply_path::send(std::span<const std::uint8_t> message) const {
  if (over() == transport::udp) {
    if (const auto server = server_.lock()) server->send_datagram(message, client());
    return;
  }
  std::vector<std::uint8_t> octets{static_cast<std::uint8_t>(message.size() >> 8 & 0xFF),
                                   static_cast<std::uint8_t>(message.size() & 0xFF)};
  octets.insert(octets.end(), message.begin(), message.end());
  send_unframed(octets);
}

void reply_path::send_unframed(std::span<const std::uint8_t> octets) const {
  if (const auto connection = std::get<1>(to_).lock()) connection->send({octets.begin(), octets.end()});
}

void reply_path::close_when_sent() const {
  if (const auto connection = std::get<1>(to_).lock()) connection->close_when_sent();
}

name_server::name_server(boost::asio::any_io_executor executor, handler answer, name_server_options options)
    : state_(std::make_shared<name_server_state>(std::move(executor), std::move(answer), std::move(options))) {
  state_->open();
  state_->start();
}

name_server::~name_server() { close(); }

udp::endpoint name_server::endpoint() const { return state_->at; }

std::uint64_t name_server::queries(transport over) const {
  const lock held(*state_->mutex);
  return state_->counts[static_cast<std::size_t>(over)];
}

std::uint64_t name_server::connections() const { return state_->tcp_listener->session_count(); }

void name_server::close() { state_->close(); }

handler zone_handler(std::shared_ptr<const zone> served) {
  return [served = std::move(served)](std::span<const std::uint8_t> query, const reply_path& back) {
    const std::size_t limit =
        back.over() == transport::tcp ? max_message : std::min<std::size_t>(udp_reply_limit(query), edns_payload_size);
    const std::vector<std::uint8_t> octets = served->reply(query, limit);
    if (!octets.empty()) back.send(octets);
  };
}

}  // namespace sdconnect::lab
