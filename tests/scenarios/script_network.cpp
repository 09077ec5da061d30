// Datagrams, files, and the opening of streams. script_streams.cpp handles data on streams.
#include "scenarios/script_network.hpp"

#include "scenarios/message_text.hpp"

#include <fmt/core.h>

#include <utility>

namespace sdconnect::scenario {
using namespace sdconnect::detail;
namespace {

constexpr std::chrono::milliseconds there_and_back{2};

}  // namespace

std::size_t script_network::number_of(std::size_t server) const {
  return servers_.number_of(*engine_->servers().server(server));
}

result<network::socket_id> script_network::open_udp(std::size_t server, std::uint16_t) {
  const std::size_t number = number_of(server);
  if (const error_code ec = servers_.on_opening(number, true)) {
    world_.note(fmt::format("no socket to server {}: {}", number, text_of(ec)));
    return ec;
  }
  sockets_.emplace(++last_socket_, number);
  return last_socket_;
}

error_code script_network::send_udp(socket_id socket, std::span<const std::uint8_t> message) {
  const std::size_t number = sockets_.at(socket);
  sent_query query = query_of(message);
  query.at = world_.now();
  query.server = number;
  const octets sent(message.begin(), message.end());
  const std::vector<server_action> actions = servers_.on_query(query);
  for (const server_action& a : actions) {
    if (a.what != server_action::kind::send_error) continue;
    world_.note(fmt::format("not sent to server {}: {}: {}", number, query_text(message), text_of(a.ec)));
    return a.ec;
  }
  servers_.count(query);
  world_.note(fmt::format("-> server {} udp: {}", number, query_text(message)));

  for (const server_action& a : actions) {
    if (a.what == server_action::kind::error) {
      world_.at(world_.now() + there_and_back, [this, socket, number, ec = a.ec] {
        if (!sockets_.contains(socket)) return;
        world_.note(fmt::format("<- server {} udp: {}", number, text_of(ec)));
        engine_->on_udp_error(socket, ec, world_.steady());
        then_();
      });
    }
    if (a.what != server_action::kind::reply) continue;
    const reply_plan::manners& how = a.reply->how();
    if (how.other_port) {
      world_.note(fmt::format("from another port of server {}: no socket takes it", number));
      continue;
    }
    const std::chrono::nanoseconds due = world_.now() + how.after;
    const octets reply = servers_.message(*a.reply, sent, true);
    for (std::int64_t i = 0; i < how.times; ++i) {
      world_.at(due, [this, socket, reply, due] { deliver(socket, reply, due); });
    }
  }
  return {};
}

void script_network::deliver(socket_id socket, const octets& message, std::chrono::nanoseconds due) {
  const auto found = sockets_.find(socket);
  if (found == sockets_.end()) return;
  const bool is_asleep = due != world_.now();
  world_.note(fmt::format("<- server {} udp: {}{}", found->second, reply_text(message),
                          is_asleep ? ", lost while asleep" : ""));
  if (is_asleep) return;
  engine_->on_datagram(socket, message, world_.steady());
  then_();
}

result<network::stream_id> script_network::open_stream(std::size_t server) {
  const std::size_t number = number_of(server);
  if (const error_code ec = servers_.on_opening(number, false)) {
    world_.note(fmt::format("no stream to server {}: {}", number, text_of(ec)));
    return ec;
  }
  const auto made = std::make_shared<stream>();
  made->id = ++last_stream_;
  made->server = number;
  streams_.emplace(made->id, made);
  ++streams_opened_;
  world_.note(fmt::format("-> server {} stream {}: connects", number, made->id));

  // TLS 1.3 needs one more round trip for its handshake.
  const bool is_tls = engine_->servers().server(server)->tls.has_value();
  const auto action = servers_.on_connecting(number);
  if (action && action->what == server_action::kind::silent) return made->id;
  world_.at(world_.now() + there_and_back * (is_tls ? 2 : 1), [this, made, action] {
    if (made->is_closed) return;
    if (action && action->what == server_action::kind::refuse) {
      return fail(made, make_error_code(boost::system::errc::connection_refused));
    }
    become_open(made);
    if (action && action->what == server_action::kind::open_then_close) end(made, error_code());
  });
  return made->id;
}

void script_network::close_stream(stream_id id) {
  const auto gone = streams_.extract(id);
  if (gone.empty()) return;
  gone.mapped()->is_closed = true;
  world_.note(fmt::format("-> server {} stream {}: closes", gone.mapped()->server, id));
}

void script_network::ask_file(std::size_t server, std::uint64_t query, std::span<const std::uint8_t> message) {
  sent_query asked = query_of(message);
  asked.at = world_.now();
  asked.server = number_of(server);
  asked.is_udp = false;
  servers_.count(asked);
  world_.note(fmt::format("-> server {} file: {}", asked.server, query_text(message)));
  constexpr std::size_t longest = 65535;
  world_.post([this, query, reply = engine_->servers().server(server)->file->reply(message, longest)] {
    engine_->on_file_reply(query, reply, world_.steady());
    then_();
  });
}

}  // namespace sdconnect::scenario
