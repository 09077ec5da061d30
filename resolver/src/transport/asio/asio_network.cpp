#include "transport/asio/asio_network.hpp"

#include "net/io/asio_endpoint.hpp"
#include "transport/engine/query_engine.hpp"

#include <boost/asio/ip/udp.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace sdconnect::detail {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

// Limits per wake-up, so that timers run in between. More datagrams on a socket than it takes
// queries are somebody's guesses.
constexpr int looks_per_wakeup = 8;
constexpr std::size_t reads_per_socket = udp_pool::queries_per_socket;
constexpr std::uint32_t interest = EPOLLIN | EPOLLET;

// Collecting more makes the server idle meanwhile, which costs both sides more than it saves.
constexpr std::size_t most_sent_together = 16;

}  // namespace

asio_network::asio_network(asio::any_io_executor executor) : executor_(std::move(executor)), epoll_(executor_) {}

asio_network::~asio_network() = default;

void asio_network::attach(query_engine& engine, owner of) {
  engine_ = &engine;
  owner_ = std::move(of);
}

error_code asio_network::make_epoll() {
  if (epoll_.is_open()) return {};
  descriptor made(::epoll_create1(EPOLL_CLOEXEC));
  if (made.get() < 0) return last_error();
  error_code ec;
  epoll_.assign(made.get(), ec);
  if (!ec) (void)made.release();
  return ec;
}

result<network::socket_id> asio_network::open_udp(std::size_t server, std::uint16_t port) {
  if (const error_code ec = make_epoll()) return ec;
  const server_address& at = engine_->servers().server(server)->address;
  const auto to = asio_endpoint<asio::ip::udp::endpoint>(at.address, at.port);
  descriptor made(::socket(to.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (made.get() < 0) return last_error();

  const asio::ip::udp::endpoint from(to.protocol(), port);
  if (::bind(made.get(), from.data(), static_cast<socklen_t>(from.size())) != 0) {
    // EACCES: the system reserves this port for another program.
    if (errno == EACCES) return boost::system::errc::make_error_code(boost::system::errc::address_in_use);
    return last_error();
  }
  if (::connect(made.get(), to.data(), static_cast<socklen_t>(to.size())) != 0) return last_error();

  const auto fd = static_cast<std::size_t>(made.get());
  if (fd >= births_.size()) births_.resize(fd + 1);
  if (++births_so_far_ == 0) ++births_so_far_;
  ::epoll_event event{};
  event.events = interest;
  births_[fd] = births_so_far_;
  event.data.u64 = key_of(static_cast<socket_id>(fd));
  if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, made.get(), &event) != 0) {
    births_[fd] = 0;
    return last_error();
  }
  return static_cast<socket_id>(made.release());
}

error_code asio_network::send_udp(socket_id socket, std::span<const std::uint8_t> message) {
  if (is_in_burst_) {
    outbox_.add(static_cast<int>(socket), message);
    if (outbox_.size() == most_sent_together) outbox_.send_all();
    return {};
  }
  if (::send(static_cast<int>(socket), message.data(), message.size(), MSG_NOSIGNAL) < 0) return last_error();
  return {};
}

void asio_network::close_udp(socket_id socket) {
  births_[socket] = 0;
  outbox_.drop(static_cast<int>(socket));
  // close() is not enough if a forked child also has the socket: the set would continue to report
  // it.
  ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, static_cast<int>(socket), nullptr);
  ::close(static_cast<int>(socket));
}

void asio_network::wait_for_datagrams() {
  if (is_waiting_ || is_receiving_ || !epoll_.is_open()) return;
  is_waiting_ = true;
  epoll_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [this, guard = owner_.guard.lock(), wait = ++waits_](error_code ec) {
                      const std::lock_guard lock(*guard);
                      if (wait != waits_) return;
                      is_waiting_ = false;
                      if (ec) return owner_.on_event();
                      on_readable();
                    });
}

void asio_network::stop_waiting() {
  if (!is_waiting_) return;
  is_waiting_ = false;
  ++waits_;
  error_code ignored;
  epoll_.cancel(ignored);
}

void asio_network::on_readable() {
  struct receiving {
    asio_network& of;
    round own = ++of.round_;
    [[nodiscard]] bool is_over() const noexcept { return own != of.round_; }
    ~receiving() {
      if (!is_over()) of.is_receiving_ = false;
    }
  };
  {
    const receiving also_when_a_handler_throws{*this};
    is_receiving_ = true;
    receive_datagrams(also_when_a_handler_throws.own);
    if (also_when_a_handler_throws.is_over()) return;
  }
  owner_.on_replies();
}

void asio_network::take_over() {
  if (!is_receiving_) return;
  ++round_;
  is_receiving_ = false;
  end_looking();
}

// After several replies, others have probably come by the time these are processed, and another
// epoll_wait() costs less than a turn of the event loop.
void asio_network::receive_datagrams(round own) {
  if (receive_only_one()) return;
  std::size_t last = 2;
  for (int looks = 0; looks < looks_per_wakeup && last > 1 && own == round_; ++looks) last = receive_from_ready(own);
}

// Skips epoll_wait(), because only one socket can have a reply.
bool asio_network::receive_only_one() {
  const std::optional<socket_id> socket = engine_->only_awaited();
  return socket && receive(key_of(*socket), 1) > 0;
}

// Reads each socket while a query waits on it. The set is edge-triggered, so that it does not check
// the socket a second time. A datagram that no query waits for stays until the next datagram comes,
// or until the socket is closed. Returns how many datagrams it read.
std::size_t asio_network::receive_from_ready(round own) {
  const int count = ::epoll_wait(epoll_.native_handle(), ready_.data(), sockets_per_look, 0);
  if (count <= 0) return 0;
  std::size_t received = 0;
  {
    struct burst {
      asio_network& of;
      round own;
      ~burst() {
        if (own == of.round_) of.end_looking();
      }
    } const also_when_a_handler_throws{*this, own};
    left_ = {ready_.data(), static_cast<std::size_t>(count)};
    begin_burst();
    while (!left_.empty()) {
      received += read_socket(own, left_.front());
      if (own != round_) return 0;
      left_ = left_.subspan(1);
    }
  }
  if (engine_->finished_count() > 0) owner_.on_replies();
  return received;
}

void asio_network::begin_burst() {
  is_in_burst_ = true;
  engine_->begin_burst();
}

// Tries queries that could not be sent once more, one by one.
void asio_network::end_burst() {
  is_in_burst_ = false;
  engine_->end_burst();
  outbox_.send_all();
  while (const auto failed = outbox_.take_failure()) {
    engine_->on_unsent(static_cast<socket_id>(failed->socket), failed->id, failed->ec, clock::now());
  }
}

void asio_network::end_looking() {
  for (::epoll_event& each : left_) look_again(each);
  left_ = {};
  if (is_in_burst_) end_burst();
}

std::size_t asio_network::read_socket(round own, ::epoll_event& event) {
  const std::uint64_t key = event.data.u64;
  std::size_t wanted = std::max<std::size_t>(engine_->awaited_on(socket_of(key)), 1);
  std::size_t reads = 0;
  for (; wanted > 0 && is_open(key); wanted = engine_->awaited_on(socket_of(key))) {
    if (reads >= reads_per_socket) {
      look_again(event);
      break;
    }
    wanted = std::min(wanted, datagram_inbox::most);
    const std::size_t count = receive(key, wanted);
    if (own != round_) break;
    reads += count;
    if (count < wanted) break;
  }
  return reads;
}

// Returns the number of datagrams, where an error counts as one. Passes all datagrams to the engine
// before it delivers the first result: a handler may throw, and its round may be over afterwards.
std::size_t asio_network::receive(std::uint64_t key, std::size_t wanted) {
  const socket_id socket = socket_of(key);
  const result<std::size_t> received = inbox_.receive(static_cast<int>(socket), wanted);
  if (!received && received.error() == boost::system::errc::operation_would_block) return 0;
  const clock::time_point now = clock::now();
  if (!received) engine_->on_udp_error(socket, received.error(), now);
  const std::size_t count = received ? *received : 1;
  for (std::size_t i = 0; received && i < count && is_open(key); ++i) engine_->on_datagram(socket, inbox_[i], now);
  if (engine_->finished_count() > 0) owner_.on_replies();
  return count;
}

std::uint64_t asio_network::key_of(socket_id socket) const noexcept {
  return std::uint64_t{births_[socket]} << 32 | socket;
}

// The socket may have been closed in the meantime, and its number reused.
bool asio_network::is_open(std::uint64_t key) const noexcept { return births_[socket_of(key)] == key >> 32; }

void asio_network::look_again(::epoll_event& event) noexcept {
  if (!is_open(event.data.u64)) return;
  event.events = interest;
  ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, static_cast<int>(socket_of(event.data.u64)), &event);
}

}  // namespace sdconnect::detail
