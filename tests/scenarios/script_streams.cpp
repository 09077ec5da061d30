#include "scenarios/message_text.hpp"
#include "scenarios/script_network.hpp"

#include <boost/asio/error.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace sdconnect::scenario {
using namespace sdconnect::detail;
namespace {

constexpr std::size_t read_size = 16384;  // the read size of asio_stream
constexpr std::size_t longest_message = 65535;

}  // namespace

void script_network::become_open(const std::shared_ptr<stream>& s) {
  world_.note(fmt::format("<- server {} stream {}: is open", s->server, s->id));
  s->is_open = true;
  engine_->on_stream_open(s->id, world_.steady());
  then_();
  for (const octets& message : std::exchange(s->unsent, {})) serve(s, message);
}

void script_network::write_stream(stream_id id, std::span<const std::uint8_t> message) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  const std::shared_ptr<stream>& s = found->second;
  ++s->owed;
  octets query(message.begin(), message.end());
  if (!s->is_open) {
    s->unsent.push_back(std::move(query));
    return;
  }
  world_.post([this, s = s, query] {
    serve(s, query);
    read(s);
  });
}

void script_network::serve(const std::shared_ptr<stream>& s, const octets& message) {
  if (s->is_closed) return;
  sent_query query = query_of(message);
  query.at = world_.now();
  query.server = s->server;
  query.is_udp = false;
  servers_.count(query);
  world_.note(fmt::format("-> server {} stream {}: {}", s->server, s->id, query_text(message)));
  if (s->end || s->is_stalled) return;
  for (const server_action& a : servers_.on_query(query)) {
    if (a.what == server_action::kind::error) {
      world_.at(world_.now() + std::chrono::milliseconds(2), [this, s, ec = a.ec] { end(s, ec); });
    }
    if (a.what == server_action::kind::reply) send_reply(s, *a.reply, message);
  }
}

void script_network::send_reply(const std::shared_ptr<stream>& s, const reply_plan& plan, const octets& query) {
  const reply_plan::manners& how = plan.how();
  const octets message = servers_.message(plan, query, false);
  if (message.size() > longest_message) {
    throw std::runtime_error(fmt::format("a reply of {} octets does not fit a stream", message.size()));
  }
  octets framed;
  const std::size_t length = how.length.value_or(message.size());
  for (std::int64_t i = 0; i < how.times; ++i) {
    framed.push_back(static_cast<std::uint8_t>(length >> 8));
    framed.push_back(static_cast<std::uint8_t>(length));
    framed.insert(framed.end(), message.begin(), message.end());
  }
  if (how.stall && *how.stall < framed.size()) {
    framed.resize(*how.stall);
    s->is_stalled = true;
  }

  std::chrono::nanoseconds when = std::max(world_.now() + how.after, s->busy_until);
  world_.at(when, [this, s, text = reply_text(message)] {
    if (!s->is_closed && !s->end) world_.note(fmt::format("<- server {} stream {}: {}", s->server, s->id, text));
  });
  if (how.drip) {
    for (std::size_t at = 0; at < framed.size(); at += *how.drip, when += how.drip_pause) {
      const auto begin = framed.begin() + static_cast<std::ptrdiff_t>(at);
      const std::size_t size = std::min(*how.drip, framed.size() - at);
      arrive(s, octets(begin, begin + static_cast<std::ptrdiff_t>(size)), when);
    }
    when -= how.drip_pause;
    s->busy_until = when;
  } else {
    arrive(s, framed, when);
  }
  if (how.close) world_.at(when, [this, s] { end(s, error_code()); });
}

void script_network::arrive(const std::shared_ptr<stream>& s, const octets& part, std::chrono::nanoseconds when) {
  world_.at(when, [this, s, part] {
    if (s->is_closed || s->end) return;
    s->arrived.insert(s->arrived.end(), part.begin(), part.end());
    read(s);
  });
}

void script_network::end(const std::shared_ptr<stream>& s, error_code how) {
  if (s->is_closed || s->end || !s->is_open) return;
  world_.note(fmt::format("<- server {} stream {}: ends, {}", s->server, s->id, how ? text_of(how) : "eof"));
  s->end = how ? how : error_code(boost::asio::error::eof);
  read(s);
}

void script_network::end_streams(std::size_t number, error_code how) {
  const auto all = streams_;
  for (const auto& [id, s] : all) {
    if (s->server == number) end(s, how);
  }
}

// Reads like asio_stream: only while the stream owes a reply. Data that a server sent unasked, or
// its end, wait for the next query.
void script_network::read(const std::shared_ptr<stream>& s) {
  while (!s->is_closed && s->is_open && s->owed > 0 && !s->arrived.empty()) {
    const auto size = static_cast<std::ptrdiff_t>(std::min(s->arrived.size(), read_size));
    const octets block(s->arrived.begin(), s->arrived.begin() + size);
    s->arrived.erase(s->arrived.begin(), s->arrived.begin() + size);
    s->framing.feed(block);
    for (;;) {
      const auto message = s->framing.next();
      if (!message) return fail(s, message.error());
      if (!*message) break;
      const bool was_due = engine_->on_stream_message(s->id, **message, world_.steady());
      if (was_due && s->owed > 0) --s->owed;
      then_();
      if (s->is_closed) return;
    }
  }
  if (!s->is_closed && s->owed > 0 && s->end && s->arrived.empty()) fail(s, *s->end);
}

void script_network::fail(const std::shared_ptr<stream>& s, error_code ec) {
  s->is_closed = true;
  streams_.erase(s->id);
  world_.note(fmt::format("   server {} stream {}: closed by {}", s->server, s->id, text_of(ec)));
  engine_->on_stream_closed(s->id, ec, world_.steady());
  then_();
}

}  // namespace sdconnect::scenario
