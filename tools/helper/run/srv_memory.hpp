/// \file
/// Remembers hosts that have no SRV records, so that each connect to them does not wait again.
#pragma once

#include "sdconnect/dns/name.hpp"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <unordered_map>

namespace sdconnect::helper {

/// Bounded. Thread safe.
class srv_memory {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::size_t max_names = 10'000;
  /// DNS said no: kept for a minute, however short the records' own time is.
  static constexpr std::chrono::minutes for_no{1};
  /// The name servers said nothing about SRV while they answered other questions.
  static constexpr std::chrono::minutes for_silence{10};

  void note_no(const name& srv, time_point now) { note(srv, now + for_no); }
  void note_silence(const name& srv, time_point now) { note(srv, now + for_silence); }
  /// Whether the name is not to be asked for.
  [[nodiscard]] bool has_none(const name& srv, time_point now) const;
  void clear();

 private:
  void note(const name& srv, time_point until);

  mutable std::mutex mutex_;
  std::unordered_map<name, time_point> until_;
};

}  // namespace sdconnect::helper
