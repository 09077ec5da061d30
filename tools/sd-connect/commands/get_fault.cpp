#include "sd-connect/commands/get_fault.hpp"

#include "net/tls/tls_error.hpp"
#include "sd-connect/commands/http_fields.hpp"
#include "sd-connect/commands/stream_service.hpp"
#include "sdconnect/connect/connector.hpp"

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sdconnect::cli {
namespace {

using stage = detail::http_outcome::stage;

constexpr const char* closed_early = "the peer closed the connection without a response";
constexpr const char* hint_of_protocol = "does it speak HTTP, or HTTP over TLS (--tls)?";

bool is_network(error_code ec) { return ec.category() == boost::system::system_category(); }

/// The peer ended the connection, in any way.
bool is_end(error_code ec) {
  return ec == boost::asio::error::eof || detail::is_cut_tls(ec) || detail::is_cut_short(ec) || is_network(ec);
}

std::string hint_of_time(const options& opts) {
  return opts.max_time <= opts.timeout ? "raise --max-time" : "raise --timeout";
}

get_fault handshake_fault(const options& opts, error_code ec, const connection& made) {
  const std::string where = stream_text(opts, made);
  if (const std::string fault = detail::certificate_fault(ec); !fault.empty()) {
    return {exit_code::refused, "certificate not accepted",
            fmt::format("{}, expected {}", where, in_quotes(tls_names_of(opts, made.where).certificate)), fault};
  }
  if (ec == errc::deadline_passed) {
    return {exit_code::unavailable, "no TLS handshake within the time limit", where, hint_of_time(opts)};
  }
  if (ec == errc::bad_target) {
    return {exit_code::data_unusable, "the SRV target is no host name, so it cannot be the Host", where,
            "name the host with --host"};
  }
  return {exit_code::protocol, "TLS handshake failed", where, cause_of({.error = ec}).message()};
}

get_fault waiting_fault(const options& opts, error_code ec, const connection& made) {
  const std::string where = stream_text(opts, made);
  if (ec == errc::deadline_passed) {
    return {exit_code::unavailable, "connected, but no response within the time limit", where, hint_of_time(opts)};
  }
  if (is_end(ec)) {
    return {exit_code::protocol, closed_early, where, hint_of_protocol};
  }
  return {exit_code::protocol, "no response", where, ec.message()};
}

}  // namespace

get_fault fault_of(const options& opts, const detail::http_outcome& outcome, const connection& made) {
  if (outcome.reached == stage::handshake) return handshake_fault(opts, outcome.error, made);
  if (outcome.reached < stage::head) return waiting_fault(opts, outcome.error, made);
  const std::string received = outcome.reached == stage::body
                                   ? fmt::format("{} octets of the body received", outcome.body_octets)
                                   : "head incomplete";
  const std::string where = fmt::format("{}, {}", stream_text(opts, made), received);
  if (outcome.error == errc::deadline_passed) {
    return {exit_code::stream_broke, "the response did not end within --max-time", where, "raise --max-time"};
  }
  // A TLS stream that ends without close_notify may have been truncated by an attacker on the path.
  const bool was_cut = is_end(outcome.error);
  return {was_cut ? exit_code::stream_broke : exit_code::protocol,
          was_cut ? "the response broke off" : "not a valid HTTP response", where, outcome.error.message()};
}

error_code cause_of(const detail::http_outcome& outcome) {
  const bool is_silent_end = outcome.error == boost::asio::error::eof || detail::is_cut_tls(outcome.error) ||
                             detail::is_cut_short(outcome.error);
  return is_silent_end && outcome.reached < stage::head ? detail::closed_unanswered() : outcome.error;
}

outcome_kind kind_of(const detail::http_outcome& outcome) {
  if (outcome.error == errc::bad_target) return outcome_kind::abandoned;
  if (outcome.reached == stage::handshake) return outcome_kind::handshake_failed;
  if (is_network(outcome.error)) return outcome_kind::reset;
  return is_end(outcome.error) ? outcome_kind::closed_silently : outcome_kind::handshake_failed;
}

failure line_of(const get_fault& fault) { return fail(fault.code, fault.what, fault.where, fault.hint); }

// An attempt that led to a connection shows the result of the exchange, and its fault is known.
bool was_reset(const connection& tried) {
  return std::ranges::any_of(tried.attempts,
                             [](const connect_attempt& a) { return a.result == boost::asio::error::connection_reset; });
}

failure failure_of_all(const options& opts, std::span<const get_fault> faults, const connection& tried) {
  std::vector<get_fault> all(faults.begin(), faults.end());
  if (was_reset(tried)) all.push_back({exit_code::protocol, closed_early, {}, hint_of_protocol});
  if (!faults.empty() && tried.attempts.size() < 2 && tried.untried.empty()) return line_of(faults.front());
  const get_fault& first = all.front();
  const auto is_same_code = [&](const get_fault& f) { return f.code == first.code; };
  const auto is_same_text = [&](const get_fault& f) { return f.what == first.what; };
  const bool is_one_cause = std::ranges::all_of(all, is_same_code);
  const bool is_one_text = is_one_cause && std::ranges::all_of(all, is_same_text);
  std::string where = opts.query.value().qname.to_text() + ": " + describe_attempts(tried);
  if (const std::string untried = describe_untried(tried); !untried.empty()) where += "; " + untried;
  return fail(is_one_cause ? first.code : exit_code::unavailable,
              is_one_text ? first.what : "no endpoint could be used", where,
              is_one_text ? first.hint : "--explain shows each attempt");
}

}  // namespace sdconnect::cli
