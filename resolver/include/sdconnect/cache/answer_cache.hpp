/// \file
/// Caches answers by question for their TTL and, if DNS gives no answer, beyond it (RFC 1035,
/// RFC 2308, RFC 8767, RFC 9520). Uses no clock and no entropy: time and randomness are arguments.
#pragma once

#include "sdconnect/dns/answer.hpp"
#include "sdconnect/net/boot_clock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sdconnect {

/// max() means no limit. REQUIRES: no negative times.
struct cache_limits {
  std::size_t max_entries = 10'000;
  std::size_t max_bytes = std::size_t{12} << 20;  ///< estimate of the heap memory that the answers use
  std::chrono::seconds max_ttl{86'400};           ///< for data; RFC 8767 §4 asks for a cap
  std::chrono::seconds max_negative_ttl{3'600};   ///< for nxdomain and no_data; RFC 2308 §5 suggests 1 to 3 h
  std::chrono::seconds max_stale{86'400};         ///< how long after its TTL an answer may be used; 0: never
};

/// The cache entry of one question.
struct cached_answer {
  std::shared_ptr<const answer> data;  ///< status success, nxdomain or no_data; null if only a failure is known
  std::string server;                  ///< the server that sent it
  boot_clock::time_point asked{};      ///< when the query for `data` was sent
  boot_clock::time_point received{};
  boot_clock::time_point refresh_at{};  ///< when to ask again: after a random 80–95 % of the TTL
  boot_clock::time_point expires{};
  boot_clock::time_point stale_until{};

  /// Latest error and number of errors since `received`, while trying to get or refresh the answer.
  error_code failure;
  std::vector<extended_error> failure_errors;  ///< of the replies that were the latest error
  std::uint32_t failures = 0;
  boot_clock::time_point failed{};    ///< time of the latest error
  boot_clock::time_point retry_at{};  ///< do not ask again before this time (RFC 9520 §3.2)
};

/// Limited by entries and bytes; removes the least recently found entry first. Not thread safe.
class answer_cache {
 public:
  using time_point = boot_clock::time_point;

  explicit answer_cache(const cache_limits& limits = {});
  answer_cache(answer_cache&&) noexcept;
  answer_cache& operator=(answer_cache&&) noexcept;
  ~answer_cache();

  /// Returns the entry, fresh or not, or nullptr if there is none that may still be used. The
  /// pointer is valid until the next call of a non-const function other than find(). A fresh
  /// NXDOMAIN that was received later for any other type of the same name takes precedence over
  /// data that are no longer fresh (RFC 8020, RFC 8767 §4). Does not allocate.
  [[nodiscard]] const cached_answer* find(const question& q, time_point now);

  /// Stores an answer. `data->status` must be success, nxdomain or no_data. `asked` is when its
  /// query was sent: an answer to an older query never replaces an answer to a newer one. An answer
  /// with TTL 0 is not kept, but it removes the one held before (docs/faults.md, C18). `random`
  /// determines refresh_at. Returns the entry now held, or nullptr.
  const cached_answer* store(const question& q, std::shared_ptr<const answer> data, std::string server,
                             time_point asked, time_point now, std::uint32_t random);

  /// Stores a failure, and what the name servers said about it. The held answer is kept. The question must not be asked
  /// again for 1 s, doubling to 4 s (RFC 9520 §3.2; `random` subtracts up to a quarter). Returns the entry now held.
  const cached_answer* store_failure(const question& q, error_code failure, time_point now, std::uint32_t random,
                                     std::vector<extended_error> said = {});

  void clear();
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace sdconnect
