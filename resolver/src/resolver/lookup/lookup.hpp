/// \file
/// What a question led to, for the walk: an answer from a server or from the cache, or why there is
/// none.
#pragma once

#include "sdconnect/net/boot_clock.hpp"
#include "sdconnect/transport/query_report.hpp"

#include <chrono>
#include <memory>

namespace sdconnect::detail {

/// RFC 8767 §5: what is served stale.
inline constexpr std::chrono::seconds stale_ttl{30};
/// A lookup ends by itself at its deadline, with what was tried; who waits for it does so a little
/// longer.
inline constexpr std::chrono::milliseconds lookup_grace{250};

/// No answer, rather than the answer "no".
[[nodiscard]] inline bool is_transient(error_code ec) noexcept { return ec && ec != condition::absent; }

struct lookup {
  std::shared_ptr<const answer> data;  ///< null when nothing is known
  error_code status;                   ///< answer::status, or why there are no data
  std::chrono::seconds ttl{};          ///< what remains; 30 s of stale data (RFC 8767 §5)
  bool from_cache = false;             ///< learned before this lookup began
  bool stale = false;                  ///< kept beyond its TTL, since DNS gives no answer
  error_code failure;                  ///< why the data could not be refreshed, or are not there
  boot_clock::time_point received{};   ///< when the data came; their additional records age from here
  boot_clock::time_point again_at{};   ///< from then on worth asking again, by TTL or after `failure`
  boot_clock::time_point expires{};    ///< of data that are not stale: the end of their TTL
  query_report report;                 ///< of the query sent for it; says so when there was none
};

}  // namespace sdconnect::detail
