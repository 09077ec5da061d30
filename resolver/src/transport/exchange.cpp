#include "transport/exchange.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect {
namespace {

// Descriptors and buffers come back within moments, or the deadline decides (FAULTS X19, X20).
constexpr std::chrono::milliseconds pause_without_resources{50};

// How much an unsuccessful outcome says; the most telling one is reported when every server has failed.
int significance(error_code ec) noexcept {
  if (ec == errc::server_failure) return 5;
  if (ec == errc::server_refused) return 4;
  if (ec == errc::truncated_no_tcp) return 3;
  if (ec == errc::empty_answer) return 2;
  return ec ? 1 : 0;
}

bool is_truncated(std::span<const std::uint8_t> message) noexcept {
  const result<message_reader> reader = message_reader::open(message);
  return reader && reader->header().truncated;
}

// FORMERR or NOTIMP of a server that could not even repeat the question (FAULTS W4).
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

exchange::exchange(const question& asked, settings with)
    : asked_(asked), settings_(std::move(with)), servers_(settings_.servers.size()), query_(asked, 0, true) {
  report_.asked = asked;
}

exchange::action exchange::start(time_point now) { return take_turn(settings_.first_server % servers_.size(), now); }

exchange::action exchange::take_turn(std::size_t server, time_point now) {
  ++servers_[server].turns;
  return send(server, settings_.tcp_only ? dns_transport::tcp : dns_transport::udp, now);
}

exchange::action exchange::send(std::size_t server, dns_transport over, time_point now) {
  if (now >= settings_.deadline) return finish(errc::timed_out);
  current_ = server;
  over_ = over;
  sent_edns_ = servers_[server].edns;
  id_ = settings_.draw_id();
  query_ = query_message(asked_, id_, sent_edns_);
  attempt_began_ = now;
  attempt_open_ = true;
  paused_ = false;
  const auto& asked = settings_.servers[server];
  report_.attempts.push_back({asked.label, asked.is_file ? dns_transport::file : over, {}, {}, 0});

  const unsigned doublings = std::min(servers_[server].turns - 1, 16U);
  until_ = std::min(settings_.deadline, now + settings_.first_timeout * (1 << doublings));
  return {over == dns_transport::udp ? step::send_udp : step::send_tcp, server, until_};
}

exchange::action exchange::send_to_next(time_point now) {
  for (std::size_t ahead = 1; ahead <= servers_.size(); ++ahead) {
    const std::size_t server = (current_ + ahead) % servers_.size();
    if (!servers_[server].finished) return take_turn(server, now);
  }
  return finish(best_error_);
}

exchange::action exchange::keep_waiting() const noexcept { return {step::wait, current_, until_}; }

exchange::action exchange::on_datagram(std::span<const std::uint8_t> message, time_point now) {
  if (!attempt_open_ || over_ != dns_transport::udp) return keep_waiting();
  switch (match_reply(message, asked_, id_)) {
    case reply_match::no: ++report_.attempts.back().discarded; return keep_waiting();
    case reply_match::no_question: return on_answer(answer_without_question(message), now);
    case reply_match::yes: break;
  }
  if (is_truncated(message)) {
    close_attempt(errc::truncated, now);
    return send(current_, dns_transport::tcp, now);
  }
  return on_reply(message, now);
}

exchange::action exchange::on_stream_message(std::span<const std::uint8_t> message, time_point now) {
  if (!attempt_open_ || over_ != dns_transport::tcp) return keep_waiting();
  switch (match_reply(message, asked_, id_)) {
    case reply_match::no: return fail_server(errc::malformed_message, now);
    case reply_match::no_question: return on_answer(answer_without_question(message), now);
    case reply_match::yes: break;
  }
  if (is_truncated(message)) return fail_server(errc::truncated_no_tcp, now);
  return on_reply(message, now);
}

exchange::action exchange::on_reply(std::span<const std::uint8_t> message, time_point now) {
  result<answer> received = read_answer(message, asked_);
  if (received) return on_answer(std::move(*received), now);
  if (over_ == dns_transport::tcp) return fail_server(received.error(), now);
  ++report_.attempts.back().discarded;
  return keep_waiting();
}

exchange::action exchange::on_answer(answer received, time_point now) {
  if (sent_edns_ && is_about_edns(received.code)) {
    servers_[current_].edns = false;
    close_attempt(errc::server_failure, now);
    return send(current_, over_, now);
  }
  const error_code status = received.status;
  const bool proves_nothing = status == errc::server_failure || status == errc::server_refused ||
                              (status == errc::empty_answer && received.alias_count == 0);
  if (!proves_nothing) {
    answer_ = std::move(received);
    report_.server = settings_.servers[current_].label;
    report_.record_count = std::visit([](const auto& records) { return records.size(); }, answer_.records);
    close_attempt({}, now);
    return finish(status);
  }
  return fail_server(status, now);
}

exchange::action exchange::on_network_failure(error_code ec, time_point now) {
  if (!attempt_open_) return keep_waiting();
  const bool was_truncated = over_ == dns_transport::tcp && !settings_.tcp_only;
  close_attempt(ec, now);
  servers_[current_].finished = true;
  const error_code meaning = was_truncated ? errc::truncated_no_tcp : errc::network_failure;
  if (significance(meaning) > significance(best_error_)) best_error_ = meaning;
  return send_to_next(now);
}

exchange::action exchange::on_local_failure(error_code ec, time_point now) {
  local_error_ = ec;
  close_attempt(ec, now);
  paused_ = true;
  until_ = std::min(settings_.deadline, now + pause_without_resources);
  return keep_waiting();
}

exchange::action exchange::on_timer(time_point now) {
  if (paused_) {
    if (now >= settings_.deadline) return finish(local_error_);
    return send(current_, over_, now);
  }
  close_attempt(errc::timed_out, now);
  // A TCP connection that stalls has failed for good; a datagram may have been lost.
  if (over_ == dns_transport::tcp && !settings_.tcp_only) {
    servers_[current_].finished = true;
    if (significance(best_error_) < significance(errc::truncated_no_tcp)) best_error_ = errc::truncated_no_tcp;
  }
  if (now >= settings_.deadline) return finish(errc::timed_out);
  if (sent_edns_) servers_[current_].edns = false;
  return send_to_next(now);
}

void exchange::stop(error_code why, time_point now) {
  close_attempt(why, now);
  report_.status = why;
}

exchange::action exchange::fail_server(error_code ec, time_point now) {
  close_attempt(ec, now);
  servers_[current_].finished = true;
  if (significance(ec) > significance(best_error_)) best_error_ = ec;
  return send_to_next(now);
}

exchange::action exchange::finish(error_code status) {
  report_.status = status;
  return {step::done, current_, {}};
}

void exchange::close_attempt(error_code ec, time_point now) {
  if (!attempt_open_) return;
  attempt_open_ = false;
  query_attempt& attempt = report_.attempts.back();
  attempt.result = ec;
  attempt.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - attempt_began_);
}

query_result exchange::take_result() { return {std::move(answer_), std::move(report_)}; }

}  // namespace sdconnect
