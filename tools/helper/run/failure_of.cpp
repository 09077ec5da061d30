#include "helper/run/failure_of.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace sdconnect::helper {
namespace {

namespace error = boost::asio::error;

refusal_kind kind_of_attempts(const std::vector<connect_attempt>& attempts) {
  const auto any = [&](auto matches) { return std::ranges::any_of(attempts, matches); };
  if (any([](const connect_attempt& a) -> bool { return a.result == error::connection_refused; }))
    return refusal_kind::refused;
  if (any([](const connect_attempt& a) -> bool { return a.result == error::timed_out; }))
    return refusal_kind::timed_out;
  return refusal_kind::unreachable;
}

refusal_kind kind_of(error_code ec, const connection& made) {
  if (ec == errc::service_unavailable) return refusal_kind::unavailable;
  if (ec == errc::query_timed_out) return refusal_kind::dns_timeout;
  if (ec == errc::refused_address) return refusal_kind::prohibited;
  if (ec == errc::unreachable) return kind_of_attempts(made.attempts);
  if (ec == errc::deadline_passed || ec == error::timed_out) return refusal_kind::timed_out;
  if (ec == condition::refused_by_policy) return refusal_kind::denied;
  if (ec == condition::absent || ec == errc::no_usable_endpoint) return refusal_kind::no_service;
  if (ec == condition::transient || ec == condition::bad_peer) return refusal_kind::dns_failure;
  if (ec == error::no_descriptors || ec == boost::system::errc::too_many_files_open_in_system)
    return refusal_kind::at_limit;
  return refusal_kind::internal;
}

}  // namespace

refusal refusal_of(const dialed& result, const own_listeners& own, std::string id) {
  const auto own_attempt = std::ranges::find_if(result.made.attempts, [&](const connect_attempt& a) -> bool {
    return a.result == errc::refused_address && own.contains(a.address, a.port);
  });
  if (own_attempt != result.made.attempts.end()) {
    const std::string what = result.service.is_root() ? "the destination" : result.service.to_text();
    return {refusal_kind::loop,
            what + " leads back to this helper, at " + own_attempt->address.to_text() + " port " +
                std::to_string(own_attempt->port),
            std::move(id)};
  }
  return {kind_of(result.error, result.made), explain_failure(result.error, result.made), std::move(id)};
}

}  // namespace sdconnect::helper
