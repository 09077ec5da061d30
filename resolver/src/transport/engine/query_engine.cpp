// The life of a question. query_engine_messages.cpp sends and receives its messages.
#include "transport/engine/query_engine.hpp"

#include <boost/system/system_category.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sdconnect::detail {
namespace {

// The same error as asio::error::operation_aborted.
error_code aborted() noexcept { return {ECANCELED, boost::system::system_category()}; }

}  // namespace

query_engine::query_engine(network& net, options with)
    : net_(net),
      options_(std::move(with)),
      servers_(options_.servers),
      udp_(net, options_.draw),
      streams_(net, servers_.size(),
               {.draw_id = options_.draw,
                .matches = [this](std::uint64_t query, std::span<const std::uint8_t> m) { return is_reply(query, m); },
                .idle_timeout = options_.stream_idle_timeout}) {}

query_engine::handle query_engine::submit(const question& asked, time_point deadline, time_point now) {
  const std::uint32_t slot = free_slot();
  query_slot& made = slots_[slot];
  made.asked = asked;
  made.deadline = deadline;
  const handle out{slot, made.generation};
  ++counts_.questions;
  made.at = stage::waiting;
  ++waiting_;
  if (active_ < options_.max_in_flight && queue_.empty()) {
    begin(slot, now);
  } else {
    queue_.push_back(out);
    deadlines_.set(slot, deadline);
  }
  settle(now);
  return out;
}

std::uint32_t query_engine::free_slot() {
  if (free_.empty()) {
    slots_.emplace_back();
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  return slot;
}

void query_engine::begin(std::uint32_t slot, time_point now) {
  query_slot& of = slots_[slot];
  of.group = servers_.take(of.asked.qname);
  if (of.group == nullptr) return finish(slot, errc::no_name_servers, now);
  --waiting_;
  ++active_;
  of.at = stage::active;
  of.decides.emplace(of.asked, of.group->with, of.group->book, store_, of.deadline);
  perform(slot, of.decides->start(now), now);
}

void query_engine::on_timer(time_point now) {
  due_.clear();
  while (!deadlines_.empty() && deadlines_.first().when <= now) {
    due_.push_back(deadlines_.first().key);
    deadlines_.remove(deadlines_.first().key);
  }
  for (const std::uint32_t slot : due_) {
    query_slot& of = slots_[slot];
    if (of.at == stage::waiting) finish(slot, errc::query_timed_out, now);
    if (of.at == stage::active) perform(slot, of.decides->on_timer(now), now);
  }
  streams_.on_timer(now);
  if (udp_.next_deadline() && *udp_.next_deadline() <= now) udp_.retire_old(now);
  settle(now);
}

void query_engine::cancel(handle query, time_point now) {
  if (query.slot >= slots_.size()) return;
  query_slot& of = slots_[query.slot];
  if (of.generation != query.generation || (of.at != stage::waiting && of.at != stage::active)) return;
  finish(query.slot, aborted(), now);
  settle(now);
}

void query_engine::finish(std::uint32_t slot, const error_code& status, time_point now) {
  query_slot& of = slots_[slot];
  deadlines_.remove(slot);
  of.status = status;
  if (of.at == stage::active) {
    if (!of.decides->is_done()) of.decides->stop(status, now);
    --active_;
    for (route& used : of.routes) {
      if (used.over == path::stream && streams_.is_connecting(token_of(slot, used.attempt)))
        of.decides->on_unconnected(used.attempt);
      release(slot, used, now);
    }
    of.routes.clear();
  } else {
    --waiting_;
  }
  of.at = stage::finished;
  finished_.push_back({slot, of.generation});
}

std::optional<query_engine::finished> query_engine::take_finished() {
  if (finished_.empty()) return std::nullopt;
  const handle query = finished_.front();
  finished_.pop_front();
  query_slot& of = slots_[query.slot];
  of.at = stage::free;
  ++of.generation;
  free_.push_back(query.slot);
  if (of.group == nullptr) {
    query_result out;
    out.report.asked = of.asked;
    out.report.status = of.status;
    return std::optional<finished>(std::in_place, query, std::move(out));
  }
  servers_.release(*std::exchange(of.group, nullptr));
  drop_unused_servers();
  // Made in place, because a result is 700 octets. The rest of the exchange is destroyed when the
  // slot is used again.
  return std::optional<finished>(std::in_place, query, of.decides->take_result());
}

// Rule 4.
void query_engine::settle(time_point now) {
  for (;;) {
    while (const auto failed = streams_.take_failure()) {
      if (auto whose = meaning_of(failed->query)) {
        whose->ec = failed->error;
        failures_.push_back(*whose);
      }
    }
    while (const auto query = streams_.take_stalled()) {
      const auto whose = meaning_of(*query);
      if (whose) perform(whose->slot, slots_[whose->slot].decides->on_stall(whose->attempt, now), now);
    }
    if (failures_.empty()) {
      if (queue_.empty() || active_ >= options_.max_in_flight) break;
      begin_waiting(now);
      continue;
    }
    const attempt_failure next = failures_.front();
    failures_.pop_front();
    if (!is_active(next.slot, next.generation)) continue;
    perform(next.slot, slots_[next.slot].decides->on_failure(next.attempt, next.ec, now), now);
  }
}

void query_engine::begin_waiting(time_point now) {
  const handle next = queue_.front();
  queue_.pop_front();
  const query_slot& of = slots_[next.slot];
  if (of.generation == next.generation && of.at == stage::waiting) begin(next.slot, now);
}

std::optional<query_engine::time_point> query_engine::next_deadline() const {
  if (!has_questions()) return std::nullopt;
  constexpr time_point never = time_point::max();
  time_point first = streams_.deadline().value_or(never);
  first = std::min(first, udp_.next_deadline().value_or(never));
  if (!deadlines_.empty()) first = std::min(first, deadlines_.first().when);
  if (first == never) return std::nullopt;
  return first;
}

void query_engine::replace_servers(const server_registry::options& with) {
  servers_.replace(with);
  streams_.set_server_count(servers_.size());
  drop_unused_servers();
}

void query_engine::drop_unused_servers() {
  for (const std::size_t server : servers_.take_unused()) {
    udp_.retire_server(server);
    streams_.close_server(server);
  }
}

void query_engine::reset_connections(time_point now) {
  udp_.retire_all();
  streams_.restart(now);
  settle(now);
}

void query_engine::rest(time_point now) {
  if (has_questions()) return;
  udp_.retire_all();
  streams_.on_timer(now);
}

dns_client_statistics query_engine::statistics() const noexcept {
  dns_client_statistics out = counts_;
  out.sockets_opened = udp_.sockets_opened();
  out.sockets_open = udp_.open_sockets();
  out.in_flight = active_;
  out.waiting = waiting_;
  return out;
}

bool query_engine::is_active(std::uint32_t slot, std::uint32_t generation) const noexcept {
  return slots_[slot].at == stage::active && slots_[slot].generation == generation;
}

}  // namespace sdconnect::detail
