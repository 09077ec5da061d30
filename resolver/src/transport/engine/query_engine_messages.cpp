// Sends and receives the messages of questions. The life of a question is in query_engine.cpp.
#include "transport/engine/query_engine.hpp"

#include <boost/system/errc.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sdconnect::detail {
namespace {

// Errors that ICMP leaves on a socket: they may concern an earlier datagram.
bool may_be_old(error_code ec) noexcept {
  namespace errc = boost::system::errc;
  return ec == errc::connection_refused || ec == errc::host_unreachable || ec == errc::network_unreachable;
}

}  // namespace

void query_engine::perform(std::uint32_t slot, exchange::action next, time_point now) {
  query_slot& of = slots_[slot];
  for (;;) {
    switch (next.what) {
      case exchange::step::send_udp:
      case exchange::step::send_stream:
      case exchange::step::ask_file: {
        const error_code ec = send(slot, next, now);
        next = ec ? of.decides->on_failure(next.attempt, ec, now) : of.decides->next();
        continue;
      }
      case exchange::step::wait: deadlines_.set(slot, next.until); return release_closed(slot, now);
      case exchange::step::done: return finish(slot, of.decides->status(), now);
    }
  }
}

error_code query_engine::send(std::uint32_t slot, const exchange::action& what, time_point now) {
  query_slot& of = slots_[slot];
  const auto attempt = static_cast<std::uint16_t>(what.attempt);
  const std::size_t server = of.group->servers[what.server];
  if (what.attempt > 0) ++counts_.repetitions;
  const std::size_t place = attempt % exchange::max_open;
  if (place >= of.routes.size()) of.routes.resize(place + 1);
  release(slot, of.routes[place], now);  // the exchange has closed that attempt
  switch (what.what) {
    case exchange::step::send_udp: return send_udp(slot, server, attempt, now);
    case exchange::step::send_stream: return send_stream(slot, server, attempt, now);
    case exchange::step::ask_file: ask_file(slot, server, attempt); return {};
    case exchange::step::wait:
    case exchange::step::done: break;
  }
  return {};
}

error_code query_engine::send_udp(std::uint32_t slot, std::size_t server, std::uint16_t attempt, time_point now) {
  const sending first = try_udp(slot, server, attempt, now);
  if (!first.ec || first.socket == udp_pool::no_slot) return first.ec;
  return try_elsewhere(slot, attempt, first, now);
}

query_engine::sending query_engine::try_udp(std::uint32_t slot, std::size_t server, std::uint16_t attempt,
                                            time_point now) {
  query_slot& of = slots_[slot];
  const std::uint16_t id = options_.draw();
  const query_message message = message_of(of, attempt, id);
  const auto kind = of.asked.type == rr_type::aaaa ? udp_pool::kind::aaaa : udp_pool::kind::usual;
  const result<udp_pool::slot> socket = udp_.take(server, {id, attempt, slot}, kind, now);
  if (!socket) return {socket.error()};
  if (const error_code ec = net_.send_udp(udp_.socket(*socket), message.octets())) return {ec, *socket};
  of.routes[attempt % exchange::max_open] = {path::udp, attempt, *socket};
  ++counts_.datagrams_sent;
  return {{}, *socket};
}

// Rule 3.
error_code query_engine::try_elsewhere(std::uint32_t slot, std::uint16_t attempt, const sending& failed,
                                       time_point now) {
  const std::size_t server = udp_.server(failed.socket);
  udp_.forget(failed.socket, slot, attempt);
  if (!may_be_old(failed.ec)) return failed.ec;
  fail_all_waiting(failed.socket, failed.ec);
  const sending second = try_udp(slot, server, attempt, now);
  if (second.ec && second.socket != udp_pool::no_slot) udp_.forget(second.socket, slot, attempt);
  return second.ec;
}

void query_engine::on_unsent(network::socket_id socket, std::uint16_t id, error_code ec, time_point now) {
  const std::optional<udp_pool::slot> at = udp_.find(socket);
  if (!at) return;
  const auto waiting = udp_.waiting(*at);
  const auto found = std::ranges::find(waiting, id, &udp_pool::waiter::id);
  if (found != waiting.end()) {
    const udp_pool::waiter whose = *found;
    query_slot& of = slots_[whose.query];
    of.routes[whose.attempt % exchange::max_open] = {};
    --counts_.datagrams_sent;
    if (const error_code again = try_elsewhere(whose.query, whose.attempt, {ec, *at}, now)) {
      perform(whose.query, of.decides->on_failure(whose.attempt, again, now), now);
    }
  } else if (may_be_old(ec)) {
    fail_all_waiting(*at, ec);  // the query was cancelled, but the error also concerns the others
  }
  settle(now);
}

error_code query_engine::send_stream(std::uint32_t slot, std::size_t server, std::uint16_t attempt, time_point now) {
  query_slot& of = slots_[slot];
  const std::uint64_t token = token_of(slot, attempt);
  const error_code ec = streams_.ask(server, token, message_of(of, attempt, options_.draw()).octets(), now);
  if (ec) return ec;
  of.routes[attempt % exchange::max_open] = {path::stream, attempt, 0};
  ++counts_.stream_queries;
  return {};
}

void query_engine::ask_file(std::uint32_t slot, std::size_t server, std::uint16_t attempt) {
  query_slot& of = slots_[slot];
  of.routes[attempt % exchange::max_open] = {path::file, attempt, 0};
  net_.ask_file(server, token_of(slot, attempt), message_of(of, attempt, options_.draw()).octets());
}

query_message query_engine::message_of(query_slot& of, std::uint16_t attempt, std::uint16_t id) {
  std::uint64_t random_case = 0;
  if (of.group->with.use_0x20) {
    for (int i = 0; i < 4; ++i) random_case = random_case << 16 | options_.draw();
  }
  return of.decides->query(attempt, id, random_case);
}

void query_engine::on_datagram(network::socket_id socket, std::span<const std::uint8_t> message, time_point now) {
  const std::optional<udp_pool::slot> at = udp_.find(socket);
  if (!at) return;
  const auto waiting = udp_.waiting(*at);
  on_same_socket_.clear();
  if (message.size() >= 2) {
    const auto id = static_cast<std::uint16_t>(message[0] << 8 | message[1]);
    std::ranges::copy_if(waiting, std::back_inserter(on_same_socket_),
                         [id](const udp_pool::waiter& w) { return w.id == id; });
  }
  if (on_same_socket_.empty()) {  // rule 2
    ++counts_.discarded;
    udp_.retire(*at);
    on_same_socket_.assign(waiting.begin(), waiting.end());
    for (const udp_pool::waiter& w : on_same_socket_) {
      if (slots_[w.query].at != stage::active) continue;
      perform(w.query, slots_[w.query].decides->on_foreign_datagram(w.attempt, now), now);
    }
    return settle(now);
  }
  for (const udp_pool::waiter& w : on_same_socket_) {
    query_slot& of = slots_[w.query];
    if (of.at != stage::active) continue;
    perform(w.query, of.decides->on_message(w.attempt, message, now), now);
    if (of.at == stage::active && of.decides->is_open(w.attempt)) ++counts_.discarded;
  }
  settle(now);
}

std::size_t query_engine::awaited_on(network::socket_id socket) const {
  const std::optional<udp_pool::slot> at = udp_.find(socket);
  return at ? udp_.waiting(*at).size() : 0;
}

void query_engine::on_udp_error(network::socket_id socket, error_code ec, time_point now) {
  const std::optional<udp_pool::slot> at = udp_.find(socket);
  if (!at) return;
  fail_all_waiting(*at, ec);
  settle(now);
}

void query_engine::fail_all_waiting(udp_pool::slot on, const error_code& ec) {
  for (const udp_pool::waiter& w : udp_.waiting(on)) {
    failures_.push_back({w.query, slots_[w.query].generation, w.attempt, ec});
  }
  udp_.retire(on);
}

void query_engine::on_stream_open(network::stream_id stream, time_point now) {
  streams_.on_stream_open(stream, now);
  settle(now);
}

bool query_engine::on_stream_message(network::stream_id stream, std::span<std::uint8_t> message, time_point now) {
  const stream_pool::received what = streams_.on_stream_message(stream, message, now);
  if (what.query) deliver(*what.query, message, now);
  settle(now);
  return what.was_owed;
}

void query_engine::on_stream_closed(network::stream_id stream, error_code ec, time_point now) {
  streams_.on_stream_closed(stream, ec, now);
  settle(now);
}

void query_engine::on_file_reply(std::uint64_t query, std::span<const std::uint8_t> message, time_point now) {
  deliver(query, message, now);
  settle(now);
}

bool query_engine::is_reply(std::uint64_t token, std::span<const std::uint8_t> message) const {
  const std::optional<attempt_failure> whose = meaning_of(token);
  return !whose || slots_[whose->slot].decides->is_reply(whose->attempt, message);
}

void query_engine::deliver(std::uint64_t token, std::span<const std::uint8_t> message, time_point now) {
  const std::optional<attempt_failure> whose = meaning_of(token);
  if (whose) perform(whose->slot, slots_[whose->slot].decides->on_message(whose->attempt, message, now), now);
}

void query_engine::release(std::uint32_t slot, route& used, time_point now) {
  const route gone = std::exchange(used, route{});
  switch (gone.over) {
    case path::none:
    case path::file: return;
    case path::udp: return udp_.forget(gone.socket, slot, gone.attempt);
    case path::stream: return streams_.give_up(token_of(slot, gone.attempt), now);
  }
}

void query_engine::release_closed(std::uint32_t slot, time_point now) {
  query_slot& of = slots_[slot];
  for (route& used : of.routes) {
    if (used.over != path::none && !of.decides->is_open(used.attempt)) release(slot, used, now);
  }
}

// 24 bits of the generation, 16 of the attempt, 24 of the slot: the reply of a file may come after
// the end of its question.
std::uint64_t query_engine::token_of(std::uint32_t slot, std::uint16_t attempt) const noexcept {
  return std::uint64_t{slots_[slot].generation & 0xFFFFFFU} << 40 | std::uint64_t{attempt} << 24 | slot;
}

std::optional<query_engine::attempt_failure> query_engine::meaning_of(std::uint64_t token) const noexcept {
  const auto slot = static_cast<std::uint32_t>(token & 0xFFFFFFU);
  if (slot >= slots_.size() || slots_[slot].at != stage::active) return std::nullopt;
  const std::uint32_t generation = slots_[slot].generation;
  if ((generation & 0xFFFFFFU) != token >> 40) return std::nullopt;
  return attempt_failure{slot, generation, static_cast<std::uint16_t>(token >> 24 & 0xFFFF), {}};
}

}  // namespace sdconnect::detail
