/// \file
/// Result of a question for the walk: an answer from a server or from the cache, or why there is
/// none.
#pragma once

#include "sdconnect/net/boot_clock.hpp"
#include "sdconnect/transport/query_report.hpp"

#include <chrono>
#include <memory>

namespace sdconnect::detail {

/// RFC 8767 §5: the TTL of stale answers.
inline constexpr std::chrono::seconds stale_ttl{30};
/// A lookup ends by itself at its deadline and reports its attempts; its users wait this much
/// longer.
inline constexpr std::chrono::milliseconds lookup_grace{250};

/// True if there is no answer; false for a negative answer.
[[nodiscard]] inline bool is_transient(error_code ec) noexcept { return ec && ec != condition::absent; }

struct lookup {
  std::shared_ptr<const answer> data;  ///< null if nothing is known
  error_code status;                   ///< answer::status, or why there are no data
  std::chrono::seconds ttl{};          ///< remaining TTL; 30 s for stale data (RFC 8767 §5)
  bool from_cache = false;             ///< received before this lookup began
  bool unproven = false;               ///< `data` is answer::is_unproven
  bool stale = false;                  ///< kept beyond its TTL, because DNS gives no answer
  error_code failure;                  ///< why the data could not be refreshed or obtained
  boot_clock::time_point received{};   ///< when the data came; the age of their additional records counts from here
  boot_clock::time_point again_at{};   ///< when to ask again, by TTL or after `failure`
  boot_clock::time_point expires{};    ///< for data that are not stale: end of their TTL
  query_report report;                 ///< of the query sent for it; says so if none was sent
};

}  // namespace sdconnect::detail
