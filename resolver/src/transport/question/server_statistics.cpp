#include "transport/question/server_statistics.hpp"

#include "net/base/saturating.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

using namespace std::chrono_literals;
using duration = server_statistics::duration;

// Rule 1. A server's response times for a name in its cache and for one that is not differ greatly:
// with less than 200 ms the client would ask again for nothing.
constexpr duration least_timeout = 200ms;
constexpr duration unmeasured_timeout = 400ms;
constexpr duration unmeasured_round_trip = 25ms;
constexpr duration measurement_lifetime = 5min;
constexpr duration clear_lead = 10ms;

// Rule 2. With one datagram in ten lost, one query in a hundred demotes a server, and the next
// probe restores it.
constexpr unsigned silences_to_demote = 2;
constexpr unsigned unhelpful_to_demote = 5;

// Rule 3. Below 5 s together with the query per second that a watched service makes in an outage.
constexpr duration probe_step = 1s;
constexpr duration most_probe_interval = 3s;

// Rule 4.
constexpr unsigned answers_without_edns_to_remember = 2;

// Rule 5.
constexpr unsigned case_losses_to_remember = 2;

// For rules 4 and 5: servers are upgraded and replaced.
constexpr duration knowledge_lifetime = 15min;

bool is_clearly_faster(duration a, duration b) noexcept { return b - a > clear_lead && b > a + a / 2; }

}  // namespace

server_statistics::server_statistics(std::size_t servers, options with) : options_(with), entries_(servers) {}

void server_statistics::take_over(std::size_t server, const server_statistics& from, std::size_t there) noexcept {
  entries_[server] = from.entries_[there];
}

server_statistics::selection server_statistics::select(time_point now) {
  selection out;
  for (std::size_t i = 0; i < entries_.size() && out.count < max_asked; ++i) {
    if (entries_[i].demoted == demotion::none) out.order[out.count++] = static_cast<std::uint16_t>(i);
  }
  const auto healthy = out.order.begin() + static_cast<std::ptrdiff_t>(out.count);
  if (options_.rotate && out.count > 1) {
    std::rotate(out.order.begin(), out.order.begin() + static_cast<std::ptrdiff_t>(rotation_++ % out.count), healthy);
  }
  for (auto at = out.order.begin(); !options_.rotate && at < healthy; ++at) {
    auto leader = at;
    for (auto other = at + 1; other < healthy; ++other) {
      if (is_clearly_faster(expected(*other, now), expected(*leader, now))) leader = other;
    }
    std::rotate(at, leader, leader + 1);  // the servers passed over keep their order
  }

  const bool has_healthy = out.count > 0;
  for (std::size_t i = 0; i < entries_.size() && out.count < max_asked; ++i) {
    entry& server = entries_[i];
    if (server.demoted == demotion::none) continue;
    out.order[out.count++] = static_cast<std::uint16_t>(i);
    if (!has_healthy || out.probe || now < server.next_probe) continue;
    out.probe = static_cast<std::uint16_t>(i);
    server.probe_interval = std::min(server.probe_interval + probe_step, most_probe_interval);
    server.next_probe = now + server.probe_interval;
  }
  return out;
}

server_statistics::duration server_statistics::timeout(std::size_t server, time_point now) const noexcept {
  const entry& known = entries_[server];
  const duration wanted =
      now < known.measured_until ? std::max(known.srtt + 4 * known.rttvar, least_timeout) : unmeasured_timeout;
  return std::min(wanted, saturated<duration>(options_.first_timeout));
}

bool server_statistics::use_edns(std::size_t server, time_point now) const noexcept {
  return now >= entries_[server].no_edns_until;
}

bool server_statistics::loses_case(std::size_t server, time_point now) const noexcept {
  return now < entries_[server].case_lost_until;
}

bool server_statistics::is_demoted(std::size_t server) const noexcept {
  return entries_[server].demoted != demotion::none;
}

std::optional<server_statistics::duration> server_statistics::round_trip(std::size_t server,
                                                                         time_point now) const noexcept {
  if (now >= entries_[server].measured_until) return std::nullopt;
  return entries_[server].srtt;
}

server_statistics::duration server_statistics::expected(std::size_t server, time_point now) const noexcept {
  return round_trip(server, now).value_or(unmeasured_round_trip);
}

void server_statistics::on_reply(std::size_t server, time_point now) noexcept {
  entry& heard = entries_[server];
  heard.latest_reply = now;
  heard.replied = true;
  heard.silences = 0;
  if (heard.demoted == demotion::down) heard.demoted = demotion::none;
}

void server_statistics::on_round_trip(std::size_t server, duration measured, time_point now) noexcept {
  entry& timed = entries_[server];
  if (now >= timed.measured_until) {  // RFC 6298 §2.2
    timed.srtt = measured;
    timed.rttvar = measured / 2;
  } else {  // RFC 6298 §2.3
    timed.rttvar = (3 * timed.rttvar + std::chrono::abs(timed.srtt - measured)) / 4;
    timed.srtt = (7 * timed.srtt + measured) / 8;
  }
  timed.measured_until = now + measurement_lifetime;
}

void server_statistics::on_timeout(std::size_t server, time_point sent, time_point now) noexcept {
  entry& silent = entries_[server];
  if (silent.replied && sent < silent.latest_reply) return;
  if (silent.silences < silences_to_demote) ++silent.silences;
  if (silent.silences == silences_to_demote) demote(silent, demotion::down, now);
}

void server_statistics::on_refusal(std::size_t server, time_point now) noexcept {
  demote(entries_[server], demotion::down, now);
}

void server_statistics::on_answer(std::size_t server) noexcept {
  entries_[server].unhelpful = 0;
  entries_[server].demoted = demotion::none;
}

void server_statistics::on_unhelpful(std::size_t server, time_point now) noexcept {
  entry& useless = entries_[server];
  if (useless.unhelpful < unhelpful_to_demote) ++useless.unhelpful;
  if (useless.unhelpful == unhelpful_to_demote) demote(useless, demotion::unhelpful, now);
}

void server_statistics::on_edns(std::size_t server, edns_outcome outcome, time_point now) noexcept {
  entry& known = entries_[server];
  switch (outcome) {
    case edns_outcome::answered:
      known.edns_known_until = now + knowledge_lifetime;
      known.answers_without_edns = 0;
      return;
    case edns_outcome::refused: known.no_edns_until = now + knowledge_lifetime; return;
    case edns_outcome::answered_without: break;
  }
  if (now < known.edns_known_until) return;  // the silence was a loss
  if (++known.answers_without_edns < answers_without_edns_to_remember) return;
  known.answers_without_edns = 0;
  known.no_edns_until = now + knowledge_lifetime;
}

void server_statistics::on_case(std::size_t server, bool repeated, time_point now) noexcept {
  entry& known = entries_[server];
  known.case_losses = repeated ? 0 : known.case_losses + 1;
  if (known.case_losses < case_losses_to_remember) return;
  known.case_losses = 0;
  known.case_lost_until = now + knowledge_lifetime;
}

void server_statistics::demote(entry& server, demotion how, time_point now) noexcept {
  if (server.demoted == demotion::none) {
    server.probe_interval = probe_step;
    server.next_probe = now + probe_step;
  }
  server.demoted = std::max(server.demoted, how);
}

}  // namespace sdconnect::detail
