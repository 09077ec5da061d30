#include "resolver/client/network_monitor.hpp"

#include "net/io/descriptor.hpp"
#include "sdconnect/resolver/own_domains.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace sdconnect::detail {
namespace {

constexpr std::chrono::seconds network_look_interval{1};

class netlink_socket {
 public:
  bool open() {
    fd_.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    sockaddr_nl local{};
    local.nl_family = AF_NETLINK;
    local.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    return fd_.get() >= 0 && ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&local), sizeof(local)) == 0;
  }

  /// True for any message, and also if there were too many messages (ENOBUFS).
  bool has_news() {
    bool any = false;
    std::array<char, 64> ignored{};
    for (;;) {
      if (::recv(fd_.get(), ignored.data(), ignored.size(), MSG_TRUNC) < 0 && errno != ENOBUFS && errno != EINTR)
        return any;
      any = true;
    }
  }

 private:
  descriptor fd_;
};

std::vector<ip_address> addresses_that_count() {
  std::vector<ip_address> out;
  for (const interface_address& own : own_addresses()) {
    if (is_of_a_network(own.address)) out.push_back(own.address);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

network_monitor::source network_monitor::kernel() {
  const auto socket = std::make_shared<netlink_socket>();
  return {.open = [socket] { return socket->open(); },
          .has_news = [socket] { return socket->has_news(); },
          .addresses = addresses_that_count};
}

bool network_monitor::has_changed(time_point now) {
  if (phase_ == phase::untold || now - last_look_ < network_look_interval) return false;
  last_look_ = now;
  if (phase_ == phase::not_begun) {  // 1.
    phase_ = from_.open() ? phase::told : phase::untold;
    if (phase_ == phase::told) known_ = from_.addresses();
    return false;
  }
  if (!from_.has_news()) return false;  // 2.
  const std::vector<ip_address> before = std::exchange(known_, from_.addresses());
  return before != known_;  // 3.
}

}  // namespace sdconnect::detail
