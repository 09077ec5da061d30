// The minimum: the cost of the system calls.
#include "bench/resolve/clients.hpp"
#include "bench/support/knot_server.hpp"
#include "net/base/entropy.hpp"
#include "sdconnect/dns/query.hpp"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sdconnect::bench {
using namespace sdconnect::detail;
namespace {

constexpr std::size_t socket_count = 64;

class raw_asker final : public dns_asker {
 public:
  raw_asker(std::uint16_t port, const names& asked) : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (const std::string& text : asked) {
      const query_message query({name::from_text(text).value(), rr_type::srv}, 0, {});
      queries_.emplace_back(query.octets().begin(), query.octets().end());
    }
    for (std::size_t i = 0; i < socket_count; ++i) open(i, port);
  }
  ~raw_asker() override {
    for (const int socket : sockets_) ::close(socket);
    ::close(epoll_);
  }

  std::size_t ask(std::size_t count, std::size_t in_flight) override {
    left_ = count;
    waiting_ = complete_ = 0;
    for (std::size_t i = 0; i < in_flight; ++i) ask_next();
    std::array<::epoll_event, socket_count> ready;
    while (waiting_ > 0) {
      const int found = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), 1000);
      if (found <= 0) break;  // lost
      for (int i = 0; i < found; ++i) receive(ready[static_cast<std::size_t>(i)].data.u32);
    }
    return complete_;
  }

 private:
  void open(std::size_t at, std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in from = to;
    to.sin_port = htons(port);
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    do from.sin_port = htons(static_cast<std::uint16_t>(entropy_.next16() | 1024));
    while (::bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0);
    ::epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u32 = static_cast<std::uint32_t>(at);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 ||
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &interest) != 0) {
      throw std::runtime_error("no socket for the floor");
    }
    sockets_[at] = socket;
  }

  void ask_next() {
    if (left_ == 0) return;
    --left_;
    std::vector<std::uint8_t>& query = queries_[next_];
    if (++next_ == queries_.size()) next_ = 0;
    const std::uint16_t id = entropy_.next16();
    query[0] = static_cast<std::uint8_t>(id >> 8);
    query[1] = static_cast<std::uint8_t>(id);
    ++is_open_[id];
    ++waiting_;
    ::send(sockets_[entropy_.next16() % socket_count], query.data(), query.size(), 0);
  }

  void receive(std::size_t from) {
    std::array<std::uint8_t, 1232> reply;
    const ssize_t size = ::recv(sockets_[from], reply.data(), reply.size(), 0);
    if (size < 12) return;
    std::uint8_t& open = is_open_[static_cast<std::size_t>(reply[0] << 8 | reply[1])];
    if (open == 0) return;
    --open;
    --waiting_;
    if (reply[7] == endpoints_per_service) ++complete_;
    ask_next();
  }

  int epoll_;
  entropy_source entropy_;
  std::array<int, socket_count> sockets_{};
  std::array<std::uint8_t, 65536> is_open_{};
  std::vector<std::vector<std::uint8_t>> queries_;
  std::size_t next_ = 0;
  std::size_t left_ = 0;
  std::size_t waiting_ = 0;
  std::size_t complete_ = 0;
};

}  // namespace

std::unique_ptr<dns_asker> make_raw(std::uint16_t port, const names& asked) {
  return std::make_unique<raw_asker>(port, asked);
}

}  // namespace sdconnect::bench
