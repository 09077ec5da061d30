// Decides whom to ask, how and for how long. exchange_replies.cpp interprets the replies.
#include "transport/question/exchange.hpp"

#include "net/base/saturating.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {
namespace {

// Rule 6: descriptors and buffers become free within moments, or the deadline decides (FAULTS X19,
// X20).
constexpr std::chrono::milliseconds longest_pause{50};
constexpr unsigned failures_to_longest_pause = 6;  // 1, 2, 4, 8, 16, 32 ms

// Rule 1: a server that returns is noticed within this time, even if the deadline is far away or
// there is none.
constexpr server_statistics::duration longest_patience = std::chrono::seconds(10);

// Rule 8: the first silence may be a loss, or an answer with EDNS that was too big for the path.
// The second query had no EDNS, so its answer fits.
constexpr unsigned silences_to_hedge = 2;

// An answer that needs two attempts is rare; a longer list costs one more allocation.
constexpr std::size_t attempts_expected = 2;

// Rule 8: short compared with what a caller notices, and only once in some seconds.
constexpr std::chrono::milliseconds shortest_hold{5};
constexpr std::chrono::milliseconds longest_hold{50};

error_code canceled() noexcept { return make_error_code(boost::system::errc::operation_canceled); }

bool is_lack_of_resources(const error_code& ec) noexcept {
  return ec == boost::system::errc::too_many_files_open || ec == boost::system::errc::too_many_files_open_in_system ||
         ec == boost::system::errc::no_buffer_space || ec == boost::system::errc::not_enough_memory ||
         ec == boost::system::errc::resource_unavailable_try_again;
}

}  // namespace

exchange::exchange(const question& asked, const options& with, server_statistics& book, answer_pool& store,
                   time_point deadline)
    : options_(with), book_(book), store_(store), deadline_(deadline) {
  result_.report.asked = asked;
}

exchange::action exchange::start(time_point now) {
  began_ = now;
  result_.report.attempts.reserve(attempts_expected);
  const server_statistics::selection selected = book_.select(now);
  std::optional<std::size_t> probe;
  for (std::size_t i = 0; i < selected.count; ++i) {
    server_state& made = servers_.emplace_back();
    made.index = selected.order[i];
    made.edns = book_.use_edns(selected.order[i], now);
    if (selected.order[i] == selected.probe) probe = i;
  }
  const action first = take_turn(0, now);
  if (probe && !done_) {
    beside_ = open_attempt(*probe, path_to(*probe, now), now);
    if (*probe != 0) probe_ = beside_.attempt;
  }
  return first;
}

exchange::action exchange::next() noexcept {
  if (done_) return {step::done, 0, 0, {}};
  if (beside_.what != step::wait) {
    const action beside = std::exchange(beside_, {step::wait, 0, 0, {}});
    if (is_open(beside.attempt)) return beside;
  }
  return {step::wait, 0, 0, until_};
}

exchange::action exchange::take_turn(std::size_t server, time_point now) {
  server_state& asked = servers_[server];
  if (asked.turns < 255) ++asked.turns;
  const path over = path_to(server, now);
  const action turn = over == path::stream ? ask_over_stream(server, now) : send(server, over, now);
  if (turn.what == step::send_udp && asked.silences >= silences_to_hedge && !asked.stream_hedged &&
      beside_.what == step::wait) {
    asked.stream_hedged = true;
    beside_ = open_attempt(server, path::stream, now);
  }
  return turn;
}

exchange::action exchange::send(std::size_t server, path over, time_point now) {
  if (now >= deadline_) return finish(errc::query_timed_out, now);
  const action out = open_attempt(server, over, now);
  current_ = out.attempt;
  current_server_ = server;
  current_path_ = over;
  paused_ = rests_ = servers_[server].failed = false;
  until_ = std::min(deadline_, later(now, patience(server, over, now)));
  return out;
}

// Asks the server with the fewest turns, and among those the next in order, so that a turn out of
// order (rules 3 and 4, and rule 8 at a server asked in parallel) makes the exchange skip no
// server.
exchange::action exchange::send_to_next(time_point now) {
  if (best_error_ == errc::no_data && has_asked_all()) return finish(best_error_, now);  // rule 11
  std::size_t best = servers_.size();
  for (std::size_t ahead = 1; ahead <= servers_.size(); ++ahead) {
    const std::size_t server = (current_server_ + ahead) % servers_.size();
    if (servers_[server].finished) continue;
    if (best == servers_.size() || servers_[server].turns < servers_[best].turns) best = server;
  }
  if (best == servers_.size()) return finish(best_error_, now);
  rests_ = now < servers_[best].rests_until;
  if (!rests_) return take_turn(best, now);
  until_ = std::min(deadline_, servers_[best].rests_until);
  return next();
}

// Makes the stream the attempt that the exchange waits for. Does not open a second one while one is
// pending that has not stalled.
exchange::action exchange::ask_over_stream(std::size_t server, time_point now) {
  for (const attempt_state& other : attempts_) {
    if (!other.open || other.stalled || other.server != server || other.over != path::stream) continue;
    if (is_current(other) && now < until_) return next();
    if (now >= deadline_) return finish(errc::query_timed_out, now);
    current_ = other.number;
    current_server_ = server;
    current_path_ = path::stream;
    paused_ = rests_ = servers_[server].failed = false;
    until_ = std::min(deadline_, later(now, patience(server, path::stream, now)));
    return next();
  }
  return send(server, path::stream, now);
}

exchange::action exchange::open_attempt(std::size_t server, path over, time_point now) {
  const std::size_t number = result_.report.attempts.size();
  const server_info& info = options_.servers[servers_[server].index];
  if (number < max_open) attempts_.emplace_back();
  attempt_state& made = attempts_[number % max_open];
  if (made.open) abandon(made, canceled(), now);  // rule 7
  made = {};
  made.number = static_cast<std::uint32_t>(number);
  made.began = now;
  made.server = static_cast<std::uint8_t>(server);
  made.over = over;
  made.edns = servers_[server].edns;
  made.open = true;
  query_attempt& reported = result_.report.attempts.emplace_back();
  reported.server = info.label;
  reported.transport = over == path::udp      ? dns_transport::udp
                       : over == path::stream ? info.stream
                                              : dns_transport::file;
  const step how = over == path::udp ? step::send_udp : over == path::stream ? step::send_stream : step::ask_file;
  return {how, servers_[server].index, made.number, {}};
}

query_message exchange::query(std::size_t attempt, std::uint16_t id, std::uint64_t random_case) {
  attempt_state* const of = find(attempt);
  if (of == nullptr) return {};
  of->id = id;
  of->random_case = random_case;
  query_options asked_with;
  asked_with.edns = of->edns;
  asked_with.authenticated_data = options_.servers[servers_[of->server].index].trusts_ad;
  if (options_.use_0x20 && of->over == path::udp) asked_with.random_case = random_case;
  return {result_.report.asked, id, asked_with};
}

exchange::action exchange::on_failure(std::size_t attempt, const error_code& ec, time_point now) {
  attempt_state* const of = find(attempt);
  if (of == nullptr) return next();
  if (holds_answer_) {
    if (probe_ == attempt) book_.on_refusal(servers_[of->server].index, now);
    close(*of, ec, now);
    return is_open(*probe_) ? next() : finish(result_.report.status, now);
  }
  if (is_lack_of_resources(ec)) return on_local_failure(*of, ec, now);
  // If a server that is asked by datagram has no TCP, that is no reason to stop asking it.
  if (of->over == path::udp || is_stream_server(of->server)) book_.on_refusal(servers_[of->server].index, now);
  // Reports a rejected certificate or an unusable CA file as it is, and all else as
  // network_failure.
  const bool is_ours = ec == condition::refused_by_policy || ec == condition::bad_input;
  return fail_path(*of, ec, is_ours ? ec : error_code(errc::network_failure), now);
}

exchange::action exchange::on_stall(std::size_t attempt, time_point now) {
  attempt_state* const of = find(attempt);
  if (of == nullptr) return next();
  of->stalled = true;
  if (!is_current(*of) || paused_ || rests_ || holds_answer_) return next();
  until_ = std::min(until_, now);
  return on_timer(now);
}

exchange::action exchange::on_local_failure(attempt_state& of, const error_code& ec, time_point now) {
  close(of, ec, now);
  if (!is_current(of)) return next();
  local_error_ = ec;
  rests_ = false;
  const auto pause = std::chrono::milliseconds(1) * (1 << std::min(local_failures_, failures_to_longest_pause));
  ++local_failures_;
  paused_ = true;
  until_ = std::min(deadline_, now + std::min(pause, longest_pause));
  return next();
}

exchange::action exchange::on_timer(time_point now) {
  if (done_ || now < until_) return next();
  if (holds_answer_) return finish(result_.report.status, now);
  if (paused_) return now >= deadline_ ? finish(local_error_, now) : retry_after_pause(now);
  if (rests_) return now >= deadline_ ? finish(errc::query_timed_out, now) : send_to_next(now);
  local_failures_ = 0;
  if (attempt_state* const waited = find(current_)) {
    note(*waited, errc::query_timed_out, now);
    server_state& silent = servers_[waited->server];
    if (waited->over == path::udp) {
      ++silent.silences;
      if (waited->edns) silent.edns_silent = true;
      if (waited->edns) silent.edns = false;
    }
    const bool had_its_time = now < deadline_ || now - waited->began >= book_.timeout(silent.index, now);
    if (waited->over == path::udp || is_stream_server(waited->server)) {
      if (had_its_time) book_.on_timeout(silent.index, waited->began, now);
    }
  }
  return now >= deadline_ ? finish(errc::query_timed_out, now) : send_to_next(now);
}

exchange::action exchange::retry_after_pause(time_point now) {
  std::size_t server = current_server_;
  path over = current_path_;
  if (local_failures_ > failures_to_longest_pause) {
    do server = (server + 1) % servers_.size();
    while (servers_[server].finished && server != current_server_);
    over = path_to(server, now);
  }
  if (servers_[server].turns == 0) servers_[server].turns = 1;
  return send(server, over, now);
}

exchange::action exchange::finish(const error_code& status, time_point now) {
  result_.report.status = outcome_of(status);
  abandon_all(status == errc::query_timed_out ? status : canceled(), now);
  done_ = true;
  return next();
}

exchange::action exchange::finish_or_hold(const error_code& status, time_point now) {
  if (!probe_ || !is_open(*probe_) || beside_.what != step::wait) return finish(status, now);
  holds_answer_ = true;
  result_.report.status = status;
  const server_statistics::duration usual =
      book_.round_trip(servers_[find(*probe_)->server].index, now).value_or(longest_hold);
  until_ =
      std::min(deadline_,
               std::max(now, began_ + std::clamp<server_statistics::duration>(2 * usual, shortest_hold, longest_hold)));
  return next();
}

// At the deadline, what the servers said counts more than that one of them was silent.
error_code exchange::outcome_of(const error_code& status) const noexcept {
  if (status != errc::query_timed_out) return status;
  const bool is_said = best_error_ == errc::no_data || best_error_ == errc::server_failure ||
                       best_error_ == errc::server_refused || best_error_ == errc::truncated_no_tcp;
  if (is_said) return best_error_;
  const bool is_truncated = std::ranges::any_of(servers_, &server_state::truncated);
  const bool has_tried_tcp =
      std::ranges::any_of(attempts_, [](const attempt_state& a) { return a.over == path::stream; });
  return is_truncated && has_tried_tcp ? error_code(errc::truncated_no_tcp) : status;
}

void exchange::stop(const error_code& why, time_point now) {
  if (done_) return;
  result_.report.status = why;
  abandon_all(why, now);
  done_ = true;
}

void exchange::on_unconnected(std::size_t attempt) noexcept {
  error_code& ec = result_.report.attempts[attempt].result;
  if (ec == errc::query_timed_out) ec = make_error_code(boost::system::errc::timed_out);
}

exchange::path exchange::path_to(std::size_t server, time_point now) const noexcept {
  const server_info& info = options_.servers[servers_[server].index];
  if (info.is_file) return path::file;
  const bool loses_case = options_.use_0x20 && book_.loses_case(servers_[server].index, now);
  const bool needs_stream = is_stream_server(server) || streams_only_ || servers_[server].truncated || loses_case;
  return needs_stream ? path::stream : path::udp;
}

bool exchange::is_reply(std::size_t attempt, std::span<const std::uint8_t> message) const noexcept {
  return is_open(attempt) &&
         match_reply(message, result_.report.asked, attempts_[attempt % max_open].id) != reply_match::no;
}

bool exchange::has_asked_all() const noexcept {
  return std::ranges::all_of(servers_, [](const server_state& s) { return s.finished || s.turns > 0; });
}

bool exchange::is_stream_server(std::size_t server) const noexcept {
  return options_.tcp_only || options_.servers[servers_[server].index].stream_only;
}

// Measurements of datagrams say little about a stream, which may have to be opened first.
server_statistics::duration exchange::patience(std::size_t server, path over, time_point now) const noexcept {
  using std::chrono::milliseconds;
  const auto first_timeout = saturated<server_statistics::duration>(options_.first_timeout);
  const server_statistics::duration whole = time_between(began_, deadline_);
  // Turns double in length: two of them take 1 + 2 shares.
  const std::int64_t turns = (std::int64_t{1} << options_.attempts) - 1;
  const server_statistics::duration share = whole / (turns * static_cast<std::int64_t>(servers_.size()));
  const server_statistics::duration usual =
      over == path::udp ? book_.timeout(servers_[server].index, now) : first_timeout;
  const server_statistics::duration first =
      std::max<server_statistics::duration>(std::min(share, usual), milliseconds(1));
  const server_statistics::duration most = std::max({first, std::min(whole / 8, longest_patience), first_timeout});
  const int doubled = 1 << std::clamp(servers_[server].turns - 1, 0, 16);
  return first > most / doubled ? most : first * doubled;
}

exchange::attempt_state* exchange::find(std::size_t attempt) noexcept {
  return is_open(attempt) ? &attempts_[attempt % max_open] : nullptr;
}

bool exchange::is_open(std::size_t attempt) const noexcept {
  const std::size_t at = attempt % max_open;
  return at < attempts_.size() && attempts_[at].open && attempts_[at].number == attempt;
}

void exchange::note(attempt_state& of, const error_code& ec, time_point now) {
  of.noted = true;
  query_attempt& attempt = result_.report.attempts[of.number];
  attempt.result = ec;
  attempt.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - of.began);
}

void exchange::close(attempt_state& of, const error_code& ec, time_point now) {
  note(of, ec, now);
  of.open = false;
}

void exchange::abandon(attempt_state& of, const error_code& ec, time_point now) {
  if (of.open && !of.noted) note(of, ec, now);
  of.open = false;
}

void exchange::abandon_all(const error_code& ec, time_point now) {
  for (attempt_state& each : attempts_) abandon(each, ec, now);
}

}  // namespace sdconnect::detail
