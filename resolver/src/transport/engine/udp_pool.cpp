#include "transport/engine/udp_pool.hpp"

#include <boost/system/errc.hpp>

#include <algorithm>
#include <utility>

namespace sdconnect::detail {
namespace {

// Lower ports belong to the system's services.
constexpr std::uint16_t first_port = 1024;

// It is rare that one of 64,512 ports is in use. If this many in a row are, something (a sandbox)
// forbids choosing a port.
constexpr int ports_drawn = 16;

// Maximum draws for a burst, to find a socket that has already received an answer.
constexpr int sockets_drawn = 8;

}  // namespace

udp_pool::udp_pool(network& net, std::function<std::uint16_t()> draw) : net_(net), draw_(std::move(draw)) {}

udp_pool::~udp_pool() {
  for (std::size_t id = 0; id < by_id_.size(); ++id) {
    if (by_id_[id] != no_slot) net_.close_udp(static_cast<network::socket_id>(id));
  }
}

result<udp_pool::slot> udp_pool::take(std::size_t server, const waiter& waiting, kind of, time_point now) {
  if (server >= servers_.size()) servers_.resize(server + 1);
  server_state& from = servers_[server];
  retire_old_of(from, now);

  result<slot> taken = error_code();
  const bool may_open = from.usable.size() < most_sockets;
  if (may_open) taken = open(server, now);
  if (!taken) {
    if (from.usable.empty()) return taken;
    taken = is_in_burst_ ? draw_for_burst(from, of) : draw_usable(from, no_slot);
  }

  socket_state& socket = sockets_[*taken];
  socket.waiting.push_back(waiting);
  ++awaited_;
  last_taken_ = *taken;
  from.last = socket.id;
  if (++socket.queries == queries_per_socket) retire(*taken);
  return taken;
}

result<udp_pool::slot> udp_pool::open(std::size_t server, time_point now) {
  result<network::socket_id> opened = boost::system::errc::make_error_code(boost::system::errc::address_in_use);
  for (int drawn = 0; drawn < ports_drawn && !opened; ++drawn) {
    opened = net_.open_udp(server, draw_port());
    if (!opened && opened.error() != boost::system::errc::address_in_use) return opened.error();
  }
  if (!opened) opened = net_.open_udp(server, 0);
  if (!opened) return opened.error();

  slot at = static_cast<slot>(sockets_.size());
  if (free_.empty()) {
    sockets_.emplace_back();
  } else {
    at = free_.back();
    free_.pop_back();
  }
  socket_state& state = sockets_[at];
  state.id = *opened;
  state.server = server;
  state.queries = 0;
  state.takes_queries = true;
  state.too_old = now + age_limit;
  if (*opened >= by_id_.size()) by_id_.resize(*opened + std::size_t{1}, no_slot);
  by_id_[*opened] = at;
  ++open_;
  servers_[server].usable.push_back(at);
  if (!sweep_at_) sweep_at_ = state.too_old;
  ++opened_;
  return at;
}

// Avoids the socket used last and `other`, if there are enough sockets.
udp_pool::slot udp_pool::draw_usable(const server_state& from, slot other) {
  const std::vector<slot>& usable = from.usable;
  const bool may_be_last = usable.size() <= (other == no_slot ? 1 : 2);
  slot drawn = usable[draw_below(usable.size())];
  while (usable.size() > 1 && (drawn == other || (!may_be_last && sockets_[drawn].id == from.last))) {
    drawn = usable[draw_below(usable.size())];
  }
  return drawn;
}

void udp_pool::begin_burst() {
  is_in_burst_ = true;
  for (server_state& of : servers_) of.burst.fill(no_slot);
}

udp_pool::slot udp_pool::draw_for_burst(server_state& from, kind of) {
  const std::size_t at = of == kind::aaaa ? 1 : 0;
  slot& chosen = from.burst[at];
  if (chosen != no_slot) return chosen;
  const auto has_answered = [this](slot s) { return sockets_[s].queries > sockets_[s].waiting.size(); };
  for (int drawn = 0; drawn < sockets_drawn && (chosen == no_slot || !has_answered(chosen)); ++drawn) {
    chosen = draw_usable(from, from.burst[1 - at]);
  }
  return chosen;
}

std::uint16_t udp_pool::draw_port() {
  std::uint16_t port = draw_();
  while (port < first_port) port = draw_();
  return port;
}

// Draws again for values above the largest multiple of `limit`, so that the result is uniform.
std::size_t udp_pool::draw_below(std::size_t limit) {
  const std::size_t multiple = 65536 - 65536 % limit;
  std::size_t drawn = draw_();
  while (drawn >= multiple) drawn = draw_();
  return drawn % limit;
}

void udp_pool::forget(slot at, std::uint32_t query, std::uint16_t attempt) {
  auto& waiting = sockets_[at].waiting;
  const auto found =
      std::ranges::find_if(waiting, [=](const waiter& w) { return w.query == query && w.attempt == attempt; });
  if (found == waiting.end()) return;
  *found = waiting.back();
  waiting.pop_back();
  --awaited_;
  close_if_done(at);
}

void udp_pool::retire(slot at) {
  socket_state& socket = sockets_[at];
  if (!socket.takes_queries) return;
  socket.takes_queries = false;
  server_state& of = servers_[socket.server];
  of.usable.erase(std::ranges::find(of.usable, at));
  std::ranges::replace(of.burst, at, no_slot);
  close_if_done(at);
}

void udp_pool::retire_server(std::size_t server) {
  if (server >= servers_.size()) return;
  while (!servers_[server].usable.empty()) retire(servers_[server].usable.back());
}

void udp_pool::retire_all() {
  for (std::size_t server = 0; server < servers_.size(); ++server) retire_server(server);
  sweep_at_.reset();
}

void udp_pool::retire_old(time_point now) {
  sweep_at_.reset();
  for (server_state& of : servers_) {
    retire_old_of(of, now);
    if (of.usable.empty()) continue;
    const time_point next = sockets_[of.usable.front()].too_old;
    sweep_at_ = std::min(next, sweep_at_.value_or(next));
  }
}

void udp_pool::retire_old_of(server_state& of, time_point now) {
  while (!of.usable.empty() && sockets_[of.usable.front()].too_old <= now) retire(of.usable.front());
}

void udp_pool::close_if_done(slot at) {
  socket_state& socket = sockets_[at];
  if (socket.takes_queries || !socket.waiting.empty()) return;
  by_id_[socket.id] = no_slot;
  --open_;
  free_.push_back(at);
  net_.close_udp(socket.id);
}

}  // namespace sdconnect::detail
