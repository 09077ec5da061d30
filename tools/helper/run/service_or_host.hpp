/// \file
/// Finds out whether a plain host has SRV records, without making clients wait for name servers that
/// do not answer such questions.
#pragma once

#include "sdconnect/net/error.hpp"
#include "sdconnect/resolver/resolver.hpp"
#include "sdconnect/resolver/service_query.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <optional>

namespace sdconnect::helper {

enum class srv_answer {
  found,    ///< there are SRV records
  none,     ///< there are none; PTR records alone do not count
  refused,  ///< the only record is "." (RFC 2782): the service is decidedly not available
  failed,   ///< an error
  silent,   ///< no answer in time, although the addresses are known
};

/// SRV records may be this much later than the addresses.
inline constexpr std::chrono::milliseconds srv_patience{300};

/// Asks for the service and, if it is set, for the addresses of `host` at the same time. Calls
/// `done` once, on `executor`, not inside this call. `why` is set except for `found`.
void find_service_or_host(resolver find, service_query service, std::optional<service_query> host,
                          boost::asio::any_io_executor executor, std::function<void(srv_answer, error_code why)> done);

}  // namespace sdconnect::helper
