#include "transport/engine/stream_pool.hpp"

#include "net/base/saturating.hpp"
#include "transport/question/lasting_failure.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {
namespace {

// Rule 2. One or two belong to queries of an earlier owner of the connection, or to a server with
// an error; more are of no use.
constexpr std::size_t most_dropped = 100;

void put_id(std::span<std::uint8_t> message, std::uint16_t id) noexcept {
  message[0] = static_cast<std::uint8_t>(id >> 8);
  message[1] = static_cast<std::uint8_t>(id & 0xff);
}

std::uint16_t id_of(std::span<const std::uint8_t> message) noexcept {
  return static_cast<std::uint16_t>(message[0] << 8 | message[1]);
}

}  // namespace

stream_pool::stream_pool(network& net, std::size_t server_count, options with)
    : network_(net), options_(std::move(with)), servers_(server_count) {
  for (server_state& one : servers_) one.window = options_.max_outstanding;
}

void stream_pool::set_server_count(std::size_t count) {
  while (servers_.size() < count) servers_.push_back({.window = options_.max_outstanding});
}

error_code stream_pool::ask(std::size_t server, query_id id, std::span<const std::uint8_t> message, time_point now) {
  on_timer(now);  // an idle stream past its time is not used any more, even if no timer ran for it
  const result<std::optional<stream_id>> on = stream_with_room(server, now);
  if (!on) return on.error();
  query_state& made = queries_[id];
  made.server = server;
  made.message.assign(message.begin(), message.end());
  made.turn = turns_++;
  if (*on) {
    send(id, **on, now);
  } else {
    servers_[server].waiting.push_back(id);
  }
  return {};
}

// Rule 1. Returns nothing if the query has to wait.
result<std::optional<stream_pool::stream_id>> stream_pool::stream_with_room(std::size_t server, time_point now) {
  auto& ids = servers_[server].streams;
  const auto least = std::ranges::min_element(ids, {}, [this](stream_id id) { return streams_.at(id).owed.size(); });
  if (least != ids.end() && streams_.at(*least).owed.size() < servers_[server].window) return *least;
  if (ids.size() >= options_.streams_per_server) return std::nullopt;

  const result<stream_id> opened = network_.open_stream(server);
  if (!opened) return opened.error();
  ids.push_back(*opened);
  stream_state& made = streams_[*opened];
  made.server = server;
  made.since = now;
  return *opened;
}

void stream_pool::send(query_id id, stream_id on, time_point now) {
  query_state& q = queries_.at(id);
  stream_state& to = streams_.at(on);
  if (to.is_open && to.owed.empty()) to.since = now;
  // Rule 2. On a stream only the server can answer: the next free ID is as good as another random
  // one, and the search always ends.
  std::uint16_t drawn = options_.draw_id();
  while (to.owed.contains(drawn)) ++drawn;
  to.owed.emplace(drawn, id);
  ++to.wanted;
  q.stream = on;
  q.stream_query_id = drawn;

  const std::uint16_t own = id_of(q.message);
  put_id(q.message, drawn);
  network_.write_stream(on, q.message);
  put_id(q.message, own);
}

void stream_pool::send_waiting(std::size_t server, time_point now) {
  auto& waiting = servers_[server].waiting;
  while (!waiting.empty()) {
    const result<std::optional<stream_id>> on = stream_with_room(server, now);
    if (!on) {
      for (const query_id id : std::exchange(waiting, {})) fail(id, on.error());
      return;
    }
    if (!*on) return;
    send(waiting.front(), **on, now);
    waiting.pop_front();
  }
}

void stream_pool::give_up(query_id id, time_point now) {
  const auto found = queries_.find(id);
  if (found == queries_.end()) return;
  const query_state gone = std::move(found->second);
  queries_.erase(found);
  if (!gone.stream) {
    std::erase(servers_[gone.server].waiting, id);
    return;
  }
  stream_state& on = streams_.at(*gone.stream);
  on.owed.at(gone.stream_query_id).reset();
  --on.wanted;
  settle(*gone.stream, now);
}

// Called when a stream has one query less: applies rule 5, and gives the place to a waiting query.
void stream_pool::settle(stream_id id, time_point now) {
  const stream_state& on = streams_.at(id);
  const std::size_t server = on.server;
  if (on.wanted == 0 && (owes_something(on) || on.is_stalled)) {
    network_.close_stream(id);
    forget(id);
  }
  send_waiting(server, now);
}

void stream_pool::on_stream_open(stream_id id, time_point now) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  found->second.is_open = true;
  found->second.since = now;
}

stream_pool::received stream_pool::on_stream_message(stream_id id, std::span<std::uint8_t> message, time_point now) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return {};
  stream_state& on = found->second;
  const auto owed = message.size() < 2 ? on.owed.end() : on.owed.find(id_of(message));
  if (owed == on.owed.end()) {
    drop(id, now);
    return {};
  }

  const std::optional<query_id> answered = owed->second;
  if (answered) {
    put_id(message, id_of(queries_.at(*answered).message));
    if (!options_.matches(*answered, message)) {
      drop(id, now);
      return {};
    }
  }
  on.owed.erase(owed);
  on.since = now;
  servers_[on.server].without_use = 0;
  if (++on.answered > 1) {
    std::size_t& window = servers_[on.server].window;
    window = std::min(2 * window, options_.max_outstanding);
  }
  if (answered) {
    --on.wanted;
    queries_.erase(*answered);
  }
  settle(id, now);
  return {true, answered};
}

// Rule 2.
void stream_pool::drop(stream_id id, time_point now) {
  if (++streams_.at(id).dropped < most_dropped) return;
  network_.close_stream(id);
  end(id, errc::malformed_message, now);
}

void stream_pool::on_stream_closed(stream_id id, error_code ec, time_point now) {
  if (streams_.contains(id)) end(id, ec, now);
}

void stream_pool::on_timer(time_point now) {
  std::vector<stream_id> expired;
  for (const auto& [id, on] : streams_) {
    if (now >= expiry(on)) expired.push_back(id);
  }
  for (const stream_id id : expired) {
    if (owes_something(streams_.at(id))) {
      stall(id, now);
    } else {
      network_.close_stream(id);
      forget(id);
    }
  }
}

// Rule 4.
void stream_pool::stall(stream_id id, time_point now) {
  stream_state& on = streams_.at(id);
  const std::size_t server = on.server;
  on.is_stalled = true;
  std::erase(servers_[server].streams, id);
  auto& stalled = servers_[server].stalled;
  stalled.push_back(id);
  for (const auto& [stream_query_id, owner] : on.owed) {
    if (owner) stalled_queries_.push_back(*owner);
  }
  if (stalled.size() > options_.max_stalled) {
    const stream_id oldest = stalled.front();
    network_.close_stream(oldest);
    const stream_state& ended = streams_.at(oldest);
    const error_code why =
        ended.is_open ? error_code(errc::query_timed_out) : make_error_code(boost::system::errc::timed_out);
    for (const auto& [stream_query_id, owner] : ended.owed) {
      if (owner) fail(*owner, why);
    }
    forget(oldest);
  }
  send_waiting(server, now);
}

void stream_pool::close_server(std::size_t server) {
  for (auto* const list : {&servers_[server].streams, &servers_[server].stalled}) {
    for (const stream_id id : std::exchange(*list, {})) {
      network_.close_stream(id);
      streams_.erase(id);
    }
  }
}

void stream_pool::restart(time_point now) {
  for (std::size_t server = 0; server < servers_.size(); ++server) close_server(server);
  for (auto& [id, q] : queries_) {
    if (std::exchange(q.stream, {})) servers_[q.server].waiting.push_back(id);
  }
  for (std::size_t server = 0; server < servers_.size(); ++server) {
    std::ranges::sort(servers_[server].waiting, {}, [this](query_id id) { return queries_.at(id).turn; });
    send_waiting(server, now);
  }
}

void stream_pool::forget(stream_id id) {
  server_state& of = servers_[streams_.at(id).server];
  std::erase(of.streams, id);
  std::erase(of.stalled, id);
  streams_.erase(id);
}

// Rules 3 and 6.
void stream_pool::end(stream_id id, error_code ec, time_point now) {
  const stream_state ended = std::move(streams_.at(id));
  forget(id);
  std::vector<query_id> orphans;
  for (const auto& [stream_query_id, owner] : ended.owed) {
    if (owner) orphans.push_back(*owner);
  }
  std::ranges::sort(orphans, {}, [this](query_id orphan) { return queries_.at(orphan).turn; });

  server_state& to = servers_[ended.server];
  if (ended.is_open && !orphans.empty()) to.window = 1;
  if (ended.answered == 0) ++to.without_use;
  const bool is_hopeless = is_lasting(ec) || to.without_use > options_.max_moves;
  if (is_hopeless) to.without_use = 0;
  std::vector<query_id> moving;
  for (const query_id orphan : orphans) {
    query_state& q = queries_.at(orphan);
    if (is_hopeless || q.moves == options_.max_moves) {
      fail(orphan, ec);
      continue;
    }
    ++q.moves;
    q.stream.reset();
    moving.push_back(orphan);
  }
  to.waiting.insert(to.waiting.begin(), moving.begin(), moving.end());
  if (is_hopeless && to.streams.empty()) {
    for (const query_id waiting : std::exchange(to.waiting, {})) fail(waiting, ec);
  }
  send_waiting(ended.server, now);
}

void stream_pool::fail(query_id id, error_code ec) {
  queries_.erase(id);
  failures_.push_back({id, ec});
}

std::optional<stream_pool::failure> stream_pool::take_failure() {
  if (failures_.empty()) return std::nullopt;
  const failure first = failures_.front();
  failures_.pop_front();
  return first;
}

std::optional<stream_pool::query_id> stream_pool::take_stalled() {
  if (stalled_queries_.empty()) return std::nullopt;
  const query_id first = stalled_queries_.front();
  stalled_queries_.pop_front();
  return first;
}

bool stream_pool::is_connecting(query_id query) const {
  const auto found = queries_.find(query);
  return found != queries_.end() && found->second.stream && !streams_.at(*found->second.stream).is_open;
}

stream_pool::time_point stream_pool::expiry(const stream_state& of) const {
  if (of.is_stalled) return time_point::max();
  if (!of.is_open) return later(of.since, options_.open_timeout);
  return later(of.since, of.owed.empty() ? options_.idle_timeout : options_.message_timeout);
}

std::optional<stream_pool::time_point> stream_pool::deadline() const {
  std::optional<time_point> first;
  for (const auto& [id, on] : streams_) {
    if (owes_something(on) && !on.is_stalled && (!first || expiry(on) < *first)) first = expiry(on);
  }
  return first;
}

std::optional<stream_pool::time_point> stream_pool::idle_deadline() const {
  std::optional<time_point> first;
  for (const auto& [id, on] : streams_) {
    if (!owes_something(on) && (!first || expiry(on) < *first)) first = expiry(on);
  }
  return first;
}

bool stream_pool::has_open_stream(std::size_t server) const {
  return std::ranges::any_of(servers_[server].streams, [this](stream_id id) { return streams_.at(id).is_open; });
}

}  // namespace sdconnect::detail
