/// \file
/// Answers by question, kept for their TTL and, when DNS gives no answer, beyond it (RFC 1035, RFC
/// 2308, RFC 8767, RFC 9520). Pure: the time and the randomness are arguments.
#pragma once

#include "sdconnect/dns/answer.hpp"
#include "sdconnect/net/boot_clock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace sdconnect {

/// max(): no limit. REQUIRES: no negative times.
struct cache_limits {
  std::size_t max_entries = 10'000;
  std::size_t max_bytes = std::size_t{16} << 20;  ///< an estimate of the heap held by the answers
  std::chrono::seconds max_ttl{86'400};           ///< of data; RFC 8767 §4 asks for a cap
  std::chrono::seconds max_negative_ttl{3'600};   ///< of nxdomain and no_data; RFC 2308 §5 suggests 1 to 3 h
  std::chrono::seconds max_stale{86'400};         ///< how long beyond its TTL an answer may serve; 0: never
};

/// What is held for one question.
struct cached_answer {
  std::shared_ptr<const answer> data;  ///< status success, nxdomain or no_data; null when only a failure is known
  std::string server;                  ///< who gave it
  boot_clock::time_point asked{};      ///< when the query it answers was sent
  boot_clock::time_point received{};
  boot_clock::time_point refresh_at{};  ///< from then on worth asking again: drawn from 80–95 % of the TTL
  boot_clock::time_point expires{};
  boot_clock::time_point stale_until{};

  /// Of the attempts to refresh it, or to get it at all, since `received`.
  error_code failure;
  std::uint32_t failures = 0;
  boot_clock::time_point failed{};    ///< the latest of them
  boot_clock::time_point retry_at{};  ///< not to be asked again before (RFC 9520 §3.2)
};

/// Bounded by entries and bytes; the least recently found goes first. Not thread safe.
class answer_cache {
 public:
  using time_point = boot_clock::time_point;

  explicit answer_cache(const cache_limits& limits = {});
  answer_cache(answer_cache&&) noexcept;
  answer_cache& operator=(answer_cache&&) noexcept;
  ~answer_cache();

  /// What is held, fresh or not, until the next call of a non-const function other than find;
  /// nullptr when there is nothing, or nothing that could still serve. A fresh NXDOMAIN learned
  /// later for any other type of the same name outweighs data that are no longer fresh (RFC 8020,
  /// RFC 8767 §4). No allocation.
  [[nodiscard]] const cached_answer* find(const question& q, time_point now);

  /// Keeps an answer. `data->status` must be success, nxdomain or no_data. `asked` is when its
  /// query was sent: an answer to an older query never replaces one to a newer. TTL 0 is not kept,
  /// yet it replaces what was held (FAULTS C18). `random` decides refresh_at. Returns what is now
  /// held, or nullptr.
  const cached_answer* store(const question& q, std::shared_ptr<const answer> data, std::string server,
                             time_point asked, time_point now, std::uint32_t random);

  /// Keeps a failure: the answer held stays, and the question is not to be asked again for 1 s,
  /// doubling to 4 s (RFC 9520 §3.2; `random` takes up to a quarter off). Returns what is now held.
  const cached_answer* store_failure(const question& q, error_code failure, time_point now, std::uint32_t random);

  void clear();
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace sdconnect
