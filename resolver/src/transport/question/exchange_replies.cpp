// Interprets replies: what they mean for the rest of the exchange.
#include "transport/question/exchange.hpp"
#include "transport/question/lasting_failure.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {
namespace {

// Rule 2: one or two misdirected datagrams happen; after 100 of 2^16 IDs somebody is guessing
// (FAULTS X2).
constexpr std::uint32_t guesses_to_leave_udp = 100;

// Rule 5. A server that cannot answer while it starts or is overloaded often can a moment later.
constexpr std::chrono::milliseconds first_rest{100};
constexpr std::chrono::milliseconds longest_rest{1000};

// What a server says of itself and may not say the next time.
bool may_pass(const error_code& ec) noexcept { return ec == errc::server_failure || ec == errc::server_refused; }

// The server would give the same answer again.
bool is_answer_of_no_use(const error_code& ec) noexcept {
  return ec == errc::no_data || ec == errc::empty_answer || ec == errc::truncated_no_tcp;
}

// How significant an unsuccessful outcome is; the exchange reports the most significant one when
// every server has failed.
int significance(const error_code& ec) noexcept {
  if (ec == errc::no_data) return 7;                                               // rule 11
  if (ec == condition::refused_by_policy || ec == condition::bad_input) return 6;  // waiting does not help
  if (ec == errc::server_failure) return 5;
  if (ec == errc::server_refused) return 4;
  if (ec == errc::truncated_no_tcp) return 3;
  if (ec == errc::empty_answer) return 2;
  return ec ? 1 : 0;
}

// REQUIRES: the message has a header.
bool is_truncated(std::span<const std::uint8_t> message) noexcept { return (message[2] & 0x02) != 0; }

// FORMERR or NOTIMP of a server that does not repeat the question (FAULTS W4).
answer answer_without_question(std::span<const std::uint8_t> message) {
  answer out;
  out.code = static_cast<rcode>(message[3] & 0xf);
  out.status = errc::server_failure;
  return out;
}

bool is_about_edns(rcode code) noexcept {
  return code == rcode::formerr || code == rcode::notimp || code == rcode::badvers;
}

}  // namespace

exchange::action exchange::on_message(std::size_t attempt, std::span<const std::uint8_t> message, time_point now) {
  attempt_state* const of = find(attempt);
  if (of == nullptr) return next();
  const bool is_datagram = of->over == path::udp;
  switch (match_reply(message, result_.report.asked, of->id)) {
    case reply_match::no: return holds_answer_ || !is_datagram ? next() : discard(*of, now);
    case reply_match::no_question: {
      if (holds_answer_) return on_probed(*of, message, now);
      answer received = answer_without_question(message);
      return on_answer(*of, received, now);
    }
    case reply_match::yes: break;
  }
  if (holds_answer_) return on_probed(*of, message, now);
  if (is_datagram && options_.use_0x20) {
    const std::size_t server = of->server;
    const bool repeated = repeats_case(message, result_.report.asked, of->random_case);
    book_.on_case(servers_[server].index, repeated, now);
    if (!repeated && book_.loses_case(servers_[server].index, now)) {
      ++result_.report.attempts[of->number].discarded;
      close(*of, errc::malformed_message, now);
      return ask_over_stream(server, now);
    }
    if (!repeated) return discard(*of, now);
  }
  if (is_truncated(message)) return on_truncated(*of, now);

  const error_code unreadable = store_.read(message, result_.report.asked, options_.scope);
  if (!unreadable) return on_answer(*of, store_.latest(), now);
  return is_datagram ? discard(*of, now) : fail_path(*of, unreadable, unreadable, now);
}

exchange::action exchange::on_foreign_datagram(std::size_t attempt, time_point now) {
  attempt_state* const of = find(attempt);
  return of == nullptr || of->over != path::udp || holds_answer_ ? next() : discard(*of, now);
}

// Rule 2.
exchange::action exchange::discard(attempt_state& of, time_point now) {
  if (++result_.report.attempts[of.number].discarded < guesses_to_leave_udp) return next();
  streams_only_ = true;
  for (attempt_state& each : attempts_) {
    if (each.over == path::udp) abandon(each, errc::malformed_message, now);
  }
  if (paused_ && current_path_ == path::udp) current_path_ = path::stream;
  if (paused_ || rests_ || is_open(current_)) return next();
  return ask_over_stream(current_server_, now);
}

// Rule 3.
exchange::action exchange::on_truncated(attempt_state& of, time_point now) {
  const std::size_t server = of.server;
  note_heard(of, now);
  note_edns(of, false, now);
  servers_[server].truncated = true;
  if (of.over != path::udp) return fail_path(of, errc::truncated_no_tcp, errc::truncated_no_tcp, now);
  close(of, errc::truncated, now);
  return ask_over_stream(server, now);
}

exchange::action exchange::on_answer(attempt_state& of, answer& received, time_point now) {
  note_heard(of, now);
  result_.report.attempts[of.number].extended_errors = received.extended_errors;
  if (of.edns && is_about_edns(received.code)) return on_edns_refused(of, now);
  const server_state& server = servers_[of.server];
  const error_code status = received.status;
  const bool is_failure = status == errc::server_failure || status == errc::server_refused;
  const bool proves_nothing = is_failure || (status == errc::empty_answer && received.alias_count == 0);
  note_edns(of, !proves_nothing, now);
  if (is_failure && server.turns <= 1) book_.on_unhelpful(server.index, now);
  if (proves_nothing) return fail_server(of, status, status, now);

  book_.on_answer(server.index);
  const server_info& info = options_.servers[server.index];
  result_.answer = std::move(received);
  result_.answer.authenticated = result_.answer.authenticated && info.trusts_ad;  // rule 10
  result_.report.server = info.label;
  result_.report.record_count = std::visit([](const auto& records) { return records.size(); }, result_.answer.records);
  const bool is_last = is_current(of) && has_asked_all();
  if (result_.answer.is_unproven && !is_last) return fail_server(of, status, status, now);  // rule 11
  close(of, {}, now);
  return finish_or_hold(status, now);
}

// Rule 8: it only matters that the server answers, not what it says.
exchange::action exchange::on_probed(attempt_state& of, std::span<const std::uint8_t> message, time_point now) {
  note_heard(of, now);
  const auto code = static_cast<rcode>(message[3] & 0xf);
  if (code == rcode::noerror || code == rcode::nxdomain) book_.on_answer(servers_[of.server].index);
  close(of, make_error_code(boost::system::errc::operation_canceled), now);
  return is_open(*probe_) ? next() : finish(result_.report.status, now);
}

// Rule 4. A late refusal changes nothing if the query without EDNS is pending.
exchange::action exchange::on_edns_refused(attempt_state& of, time_point now) {
  close(of, errc::server_failure, now);
  server_state& server = servers_[of.server];
  server.edns = false;
  server.edns_refused = true;
  const bool is_under_way = std::ranges::any_of(attempts_, [&of](const attempt_state& other) {
    return other.open && other.server == of.server && !other.edns && other.over == of.over;
  });
  return is_under_way ? next() : send(of.server, of.over, now);
}

// Rule 8: the exchange does not wait for a parallel stream, so the failure of that stream counts
// only if the server's datagrams were truncated.
exchange::action exchange::fail_path(attempt_state& of, const error_code& ec, const error_code& meaning,
                                     time_point now) {
  const server_state& server = servers_[of.server];
  const bool is_extra_stream = of.over == path::stream && !is_stream_server(of.server);
  if (is_extra_stream && !is_current(of) && !server.truncated) {
    close(of, ec, now);
    return next();
  }
  return fail_server(of, ec, is_extra_stream && server.truncated ? errc::truncated_no_tcp : meaning, now);
}

// Rule 5. A late refusal does not end a stream to the same server.
exchange::action exchange::fail_server(attempt_state& of, const error_code& ec, const error_code& meaning,
                                       time_point now) {
  close(of, ec, now);
  if (!is_current(of) && of.server == current_server_ && current_path_ == path::stream && !paused_ && !rests_)
    return next();
  note_failure(of, ec, meaning, now);
  return !rests_ && servers_[current_server_].failed ? send_to_next(now) : next();
}

// Rule 5.
void exchange::note_failure(const attempt_state& of, const error_code& ec, const error_code& meaning,
                            time_point now) noexcept {
  server_state& server = servers_[of.server];
  const bool is_stream_end = of.over == path::stream && !is_answer_of_no_use(ec) && !is_lasting(ec);
  const bool is_asked_again = is_stream_end || (of.over == path::udp && may_pass(ec));
  server.failed = true;
  if (server.failures < 255) ++server.failures;
  server.finished = !is_asked_again || server.failures >= options_.attempts;
  server.rests_until = now + std::min(first_rest * (1 << std::clamp(server.failures - 1, 0, 4)), longest_rest);
  if (significance(meaning) > significance(best_error_)) best_error_ = meaning;
}

void exchange::note_heard(const attempt_state& of, time_point now) noexcept {
  const std::size_t index = servers_[of.server].index;
  book_.on_reply(index, now);
  // The round trip of a stream opened for one query says nothing about datagrams.
  if (of.over == path::udp || is_stream_server(of.server)) book_.on_round_trip(index, now - of.began, now);
}

void exchange::note_edns(const attempt_state& of, bool is_answer, time_point now) noexcept {
  using outcome = server_statistics::edns_outcome;
  const server_state& server = servers_[of.server];
  if (of.edns) return book_.on_edns(server.index, outcome::answered, now);
  if (!is_answer) return;
  if (server.edns_refused) return book_.on_edns(server.index, outcome::refused, now);
  if (server.edns_silent) book_.on_edns(server.index, outcome::answered_without, now);
}

}  // namespace sdconnect::detail
