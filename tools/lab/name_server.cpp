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
#include <unordered_set>
#include <utility>

namespace sdconnect::lab {
namespace {

using boost::asio::ip::tcp;
using boost::asio::ip::udp;
using boost::system::error_code;
using lock = std::lock_guard<std::recursive_mutex>;

constexpr std::size_t max_message = 65535;
// The port that TCP was given may be taken for UDP. Another one is drawn each time.
constexpr int port_attempts = 32;
constexpr std::chrono::milliseconds receive_pause{100};

}  // namespace

// RFC 7766 §6.2.1.1: a connection carries many queries, which are answered as they come, in any
// order.
struct name_server::impl : std::enable_shared_from_this<impl> {
  impl(boost::asio::any_io_executor ex, handler h, options o)
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
  void send_datagram(const reply& sent, const udp::endpoint& to);
  void read_stream(detail::tcp_session& session, std::vector<std::uint8_t>& octets);
  static void send_message(detail::tcp_session& session, const reply& sent);
  std::vector<reply> ask(std::span<const std::uint8_t> query, transport over);
  template <class Action>
  void after(std::chrono::milliseconds delay, Action action);

  boost::asio::any_io_executor executor;
  handler answer;
  options how;
  detail::tcp_server::mutex_pointer mutex = std::make_shared<std::recursive_mutex>();
  udp::socket socket;
  udp::endpoint at;
  udp::endpoint sender;
  std::vector<std::uint8_t> datagram = std::vector<std::uint8_t>(max_message);
  boost::asio::steady_timer receive_delay;
  std::shared_ptr<detail::tcp_server> tcp_listener;
  std::unordered_set<std::shared_ptr<boost::asio::steady_timer>> timers;
  std::array<std::uint64_t, 2> counts{};
};

// TCP first, because its port numbers are the scarcer ones: each client port that waits out its
// TIME_WAIT is one less.
void name_server::impl::open() {
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

// False when the port is taken.
bool name_server::impl::open_udp(std::uint16_t port) {
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

void name_server::impl::start() {
  const lock held(*mutex);
  tcp_listener->start();
  receive();
}

void name_server::impl::close() {
  const lock held(*mutex);
  tcp_listener->close();
  error_code ignored;
  socket.close(ignored);
  receive_delay.cancel();
  for (const auto& timer : std::exchange(timers, {})) timer->cancel();
}

std::vector<reply> name_server::impl::ask(std::span<const std::uint8_t> query, transport over) {
  ++counts[static_cast<std::size_t>(over)];
  return answer(query, over);
}

template <class Action>
void name_server::impl::after(std::chrono::milliseconds delay, Action action) {
  if (delay <= std::chrono::milliseconds::zero()) return action();
  const auto timer = std::make_shared<boost::asio::steady_timer>(executor, delay);
  timers.insert(timer);
  timer->async_wait([self = shared_from_this(), timer, action = std::move(action)](error_code ec) {
    const lock held(*self->mutex);
    if (self->timers.erase(timer) == 1 && !ec) action();
  });
}

void name_server::impl::receive() {
  socket.async_receive_from(
      boost::asio::buffer(datagram), sender, [self = shared_from_this()](error_code ec, std::size_t count) {
        const lock held(*self->mutex);
        if (!self->socket.is_open()) return;
        if (ec) return self->receive_later();
        for (reply& sent : self->ask({self->datagram.data(), count}, transport::udp)) {
          const std::chrono::milliseconds delay = sent.delay;
          self->after(
              delay, [self = self.get(), to = self->sender, sent = std::move(sent)] { self->send_datagram(sent, to); });
        }
        if (self->socket.is_open()) self->receive();
      });
}

void name_server::impl::receive_later() {
  receive_delay.expires_after(receive_pause);
  receive_delay.async_wait([self = shared_from_this()](error_code ec) {
    const lock held(*self->mutex);
    if (!ec && self->socket.is_open()) self->receive();
  });
}

// Not awaited: a full socket buffer loses datagrams as a network does.
void name_server::impl::send_datagram(const reply& sent, const udp::endpoint& to) {
  error_code ignored;
  if (!sent.from_other_port) {
    if (socket.is_open()) socket.send_to(boost::asio::buffer(sent.octets), to, 0, ignored);
    return;
  }
  udp::socket other(executor);
  other.open(at.protocol(), ignored);
  other.bind({at.address(), 0}, ignored);
  other.send_to(boost::asio::buffer(sent.octets), to, 0, ignored);
}

// RFC 1035 §4.2.2: two octets of length before each message.
void name_server::impl::read_stream(detail::tcp_session& session, std::vector<std::uint8_t>& octets) {
  std::size_t begin = 0;
  while (octets.size() - begin >= 2) {
    const std::size_t length = std::size_t{octets[begin]} << 8 | octets[begin + 1];
    if (octets.size() - begin - 2 < length) break;
    for (reply& sent : ask({octets.data() + begin + 2, length}, transport::tcp)) {
      const std::chrono::milliseconds delay = sent.delay;
      after(delay, [to = session.weak_from_this(), sent = std::move(sent)] {
        if (const auto alive = to.lock()) send_message(*alive, sent);
      });
    }
    begin += 2 + length;
  }
  octets.erase(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(begin));
}

void name_server::impl::send_message(detail::tcp_session& session, const reply& sent) {
  std::vector<std::uint8_t> octets;
  if (!sent.without_length) {
    octets.push_back(static_cast<std::uint8_t>(sent.octets.size() >> 8 & 0xFF));
    octets.push_back(static_cast<std::uint8_t>(sent.octets.size() & 0xFF));
  }
  octets.insert(octets.end(), sent.octets.begin(), sent.octets.end());
  session.send(std::move(octets));
  if (sent.then_close) session.close_when_sent();
}

name_server::name_server(boost::asio::any_io_executor executor, handler answer)
    : name_server(std::move(executor), std::move(answer), options{}) {}

name_server::name_server(boost::asio::any_io_executor executor, handler answer, options how)
    : impl_(std::make_shared<impl>(std::move(executor), std::move(answer), std::move(how))) {
  impl_->open();
  impl_->start();
}

name_server::~name_server() { close(); }

udp::endpoint name_server::endpoint() const { return impl_->at; }

std::uint64_t name_server::queries(transport over) const {
  const lock held(*impl_->mutex);
  return impl_->counts[static_cast<std::size_t>(over)];
}

std::uint64_t name_server::connections() const { return impl_->tcp_listener->session_count(); }

void name_server::close() { impl_->close(); }

handler zone_handler(std::shared_ptr<const zone> served) {
  return [served = std::move(served)](std::span<const std::uint8_t> query, transport over) {
    const std::size_t limit =
        over == transport::tcp ? max_message : std::min<std::size_t>(udp_reply_limit(query), edns_payload_size);
    std::vector<reply> replies;
    std::vector<std::uint8_t> octets = served->reply(query, limit);
    if (!octets.empty()) replies.push_back({std::move(octets)});
    return replies;
  };
}

}  // namespace sdconnect::lab
