#include "helper/relay/relay_engine.hpp"

#include "helper/relay/relay_mover.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unordered_map>
#include <vector>

namespace sdconnect::helper {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t most_in_a_turn = std::size_t{4} << 20;  // then other relays go on
constexpr std::size_t events_in_a_turn = 256;
constexpr int keepalive_seconds = 60, probe_seconds = 15, unanswered_probes = 4;
constexpr auto reset_poll = 20ms;
constexpr auto reset_patience = 5s;

void set_option(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); }

void prepare(int fd) {
  int on = 1;
  ::ioctl(fd, FIONBIO, &on);
  // These fail for a Unix socket, which needs none of them. No TCP_USER_TIMEOUT: it would also end a
  // connection whose peer acknowledges everything but does not read for a while (tcp(7)).
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_seconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, probe_seconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, unanswered_probes);
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_OOBINLINE, 1);  // an urgent octet stays in its place
}

void reset_when_closed(int fd) {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

bool has_unacknowledged(int fd) {
  int octets = 0;
  return ::ioctl(fd, SIOCOUTQ, &octets) == 0 && octets > 0;
}

struct resetting {
  detail::descriptor socket;
  clock::time_point until;
};

}  // namespace

class relay_engine::set : public std::enable_shared_from_this<set> {
 public:
  explicit set(const asio::any_io_executor& executor) : events_(executor), timer_(executor) {
    const int fd = ::epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) throw boost::system::system_error(detail::last_error(), "epoll");
    events_.assign(fd);
  }

  void wait() {
    events_.async_wait(asio::posix::stream_descriptor::wait_read, [weak = weak_from_this()](error_code ec) {
      const auto self = weak.lock();
      if (ec || !self || !self->events_.is_open()) return;
      self->turn();
    });
  }

  void close() {
    error_code ignored;
    events_.close(ignored);
    timer_.cancel();
    relays_.clear();
    ready_.clear();
    resetting_.clear();
    ended_.clear();
  }

  relay_id start(detail::descriptor client, detail::descriptor backend, relay_request request) {
    auto made = std::make_unique<relay>();
    relay& r = *made;
    r.id = ++last_id_;
    r.last_activity = clock::now();
    begin(r, relay_side::client, std::move(client), std::move(request.for_backend));
    begin(r, relay_side::backend, std::move(backend), std::move(request.for_client));
    r.request = std::move(request);
    if (r.request.idle_timeout != std::chrono::milliseconds::max()) {
      ++with_idle_timeout_;
      arm(1s);
    }
    relays_.emplace(r.id, std::move(made));
    for (const relay_side side : {relay_side::client, relay_side::backend}) add(r, side);
    return r.id;
  }

  void end(relay_id id) {
    const auto found = relays_.find(id);
    if (found == relays_.end() || found->second->is_over) return;
    force(*found->second);
    bury_later();
  }

  [[nodiscard]] std::size_t size() const noexcept { return relays_.size(); }

  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> octets(relay_id id) const {
    const auto found = relays_.find(id);
    if (found == relays_.end()) return {};
    const relay_pair& p = found->second->pair;
    return {p.from(relay_side::client).total, p.from(relay_side::backend).total};
  }

 private:
  /// `first`: octets that the other side gets before anything else of this side.
  static void begin(relay& r, relay_side side, detail::descriptor socket, std::string first) {
    end_point& e = end_of(r, side);
    e.socket = std::move(socket);
    prepare(e.socket.get());
    if (first.empty()) return;
    if (side == relay_side::client) r.first_up = static_cast<std::uint8_t>(first.front());
    r.pair.from(side).on_read(first.size());
    store_of(r, side).rest = std::move(first);
  }

  void add(relay& r, relay_side side) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    // No pointer: a child process may keep a closed socket, and its events, alive until it calls
    // exec.
    event.data.u64 = r.id << 1 | static_cast<std::uint64_t>(side);
    if (::epoll_ctl(events_.native_handle(), EPOLL_CTL_ADD, end_of(r, side).socket.get(), &event) == 0) return;
    r.pair.on_read_failed(side, detail::last_error());
    queue(r);
    serve_later();
  }

  /// One wake-up of Asio. Serves what is ready, and waits again.
  void turn() {
    std::array<epoll_event, events_in_a_turn> ready;  // NOLINT: filled by epoll_wait
    const int count = ::epoll_wait(events_.native_handle(), ready.data(), static_cast<int>(ready.size()), 0);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = ready[static_cast<std::size_t>(i)];
      const auto found = relays_.find(event.data.u64 >> 1);
      if (found == relays_.end() || found->second->is_over) continue;
      note(found->second->ends[event.data.u64 & 1], event.events);
      queue(*found->second);
    }
    serve_queued();
    if (events_.is_open()) wait();
  }

  static void note(end_point& e, std::uint32_t events) {
    constexpr std::uint32_t gone = EPOLLERR | EPOLLHUP, may_read_on = EPOLLRDHUP | EPOLLPRI | gone;
    if ((events & (EPOLLIN | may_read_on)) != 0) e.may_read = true;
    if ((events & may_read_on) != 0) e.may_read_on = true;
    if ((events & (EPOLLOUT | gone)) != 0) e.may_write = true;
    if ((events & gone) != 0) e.is_gone = true;
  }

  /// A side that has ended is not read again, and may not be written to for a long time.
  void notice_gone(relay& r) {
    for (const relay_side side : {relay_side::client, relay_side::backend}) {
      if (!end_of(r, side).is_gone || r.pair.from(side).sink_open || !r.pair.from(other(side)).sink_open) continue;
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(end_of(r, side).socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
      r.pair.on_gone(side, {error, boost::system::system_category()});
      mover_.drop(store_of(r, other(side)));
    }
  }

  void queue(relay& r) {
    if (r.is_queued) return;
    r.is_queued = true;
    ready_.push_back(&r);
  }

  void serve_queued() {
    const auto self = shared_from_this();  // a callback may destroy the engine
    for (std::size_t left = ready_.size(); left > 0; --left) {
      relay& r = *ready_.front();
      ready_.pop_front();
      r.is_queued = false;
      if (!r.is_over && !serve(r)) queue(r);
    }
    if (!ready_.empty()) serve_later();
    bury();
  }

  void serve_later() {
    if (std::exchange(is_posted_, true)) return;
    asio::post(events_.get_executor(), [self = shared_from_this()] {
      self->is_posted_ = false;
      self->serve_queued();
    });
  }

  /// Moves octets until nothing can move. Returns false if it stopped earlier, for the sake of
  /// others.
  bool serve(relay& r) {
    if (with_idle_timeout_ > 0) r.last_activity = clock::now();
    std::size_t moved = 0;
    for (bool is_moving = true; is_moving;) {
      is_moving = false;
      for (const relay_side side : {relay_side::client, relay_side::backend}) {
        if (r.pair.from(side).can_read() && end_of(r, side).may_read)
          is_moving = mover_.read(r, side, moved) || is_moving;
        if (r.pair.from(side).can_write() && end_of(r, other(side)).may_write)
          is_moving = mover_.write(r, side) || is_moving;
      }
      while (true) {
        notice_gone(r);
        const relay_pair::action next = r.pair.next();
        if (next == relay_pair::action::wait) break;
        if (next == relay_pair::action::finish) {
          finish(r, false);
          return true;
        }
        const bool is_client = next == relay_pair::action::shut_down_client;
        ::shutdown(end_of(r, is_client ? relay_side::client : relay_side::backend).socket.get(), SHUT_WR);
      }
      if (moved >= most_in_a_turn) return false;
    }
    return true;
  }

  void force(relay& r) { finish(r, true); }

  void finish(relay& r, bool is_forced) {
    r.is_over = true;
    if (r.request.idle_timeout != std::chrono::milliseconds::max()) --with_idle_timeout_;
    for (storage& s : r.stores) mover_.drop(s);
    if (is_forced || r.pair.has_failed()) {
      for (end_point& e : r.ends) reset(std::move(e.socket), is_forced);
    }
    for (end_point& e : r.ends) e.socket.reset();
    ended_.emplace_back(r.id, is_forced);
  }

  /// Closing with a reset drops data that the peer has not acknowledged.
  void reset(detail::descriptor socket, bool at_once) {
    if (socket.get() < 0) return;
    if (at_once || !has_unacknowledged(socket.get())) return reset_when_closed(socket.get());
    ::epoll_ctl(events_.native_handle(), EPOLL_CTL_DEL, socket.get(), nullptr);
    resetting_.push_back({std::move(socket), clock::now() + reset_patience});
    arm(reset_poll);
  }

  void arm(std::chrono::milliseconds delay) {
    const auto at = clock::now() + delay;
    if (is_armed_ && timer_.expiry() <= at) return;
    is_armed_ = true;
    timer_.expires_at(at);
    timer_.async_wait([weak = weak_from_this()](error_code ec) {
      if (const auto self = weak.lock(); self && !ec) self->on_timer();
    });
  }

  void on_timer() {
    is_armed_ = false;
    const auto now = clock::now();
    std::erase_if(resetting_, [&](resetting& r) {
      if (now < r.until && has_unacknowledged(r.socket.get())) return false;
      reset_when_closed(r.socket.get());
      return true;
    });
    if (with_idle_timeout_ > 0) {
      for (const auto& [id, r] : relays_) {
        if (!r->is_over && r->request.idle_timeout != std::chrono::milliseconds::max() &&
            now - r->last_activity >= r->request.idle_timeout)
          force(*r);
      }
    }
    if (!resetting_.empty()) arm(reset_poll);
    if (with_idle_timeout_ > 0) arm(1s);
    bury();
  }

  void bury_later() {
    asio::post(events_.get_executor(), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->bury();
    });
  }

  /// Removes relays that have ended, and reports them. No event of epoll refers to them any more.
  void bury() {
    const auto self = shared_from_this();
    for (const auto& [id, is_forced] : std::exchange(ended_, {})) {
      const auto found = relays_.find(id);
      if (found == relays_.end()) continue;
      const std::unique_ptr<relay> gone = std::move(found->second);
      relays_.erase(found);
      std::erase(ready_, gone.get());
      const relay_pair& p = gone->pair;
      if (gone->request.on_end) {
        gone->request.on_end({.ended_first = p.ended_first(),
                              .error = p.error(),
                              .was_forced = is_forced,
                              .octets_up = p.from(relay_side::client).total,
                              .octets_down = p.from(relay_side::backend).total,
                              .first_up = gone->first_up});
      }
    }
  }

  asio::posix::stream_descriptor events_;  // the epoll set
  asio::steady_timer timer_;
  bool is_armed_ = false;
  relay_mover mover_;
  std::unordered_map<relay_id, std::unique_ptr<relay>> relays_;
  std::deque<relay*> ready_;
  bool is_posted_ = false;                        // serve_queued()
  std::vector<std::pair<relay_id, bool>> ended_;  // and whether it was forced
  std::vector<resetting> resetting_;
  std::size_t with_idle_timeout_ = 0;
  relay_id last_id_ = 0;
};

relay_engine::relay_engine(const asio::any_io_executor& executor) : set_(std::make_shared<set>(executor)) {
  set_->wait();
}

relay_engine::~relay_engine() { set_->close(); }

relay_id relay_engine::start(detail::descriptor client, detail::descriptor backend, relay_request request) {
  return set_->start(std::move(client), std::move(backend), std::move(request));
}

void relay_engine::end(relay_id id) { set_->end(id); }
std::size_t relay_engine::size() const noexcept { return set_->size(); }
std::pair<std::uint64_t, std::uint64_t> relay_engine::octets(relay_id id) const { return set_->octets(id); }

}  // namespace sdconnect::helper
