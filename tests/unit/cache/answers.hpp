/// \file
/// Answers for the tests of the cache.
#pragma once

#include "sdconnect/cache/answer_cache.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect::test {

inline constexpr boot_clock::time_point start{std::chrono::hours(10)};

inline question asked_for(std::string_view text, rr_type type = rr_type::srv) {
  return {name::from_text(text).value(), type};
}

inline std::shared_ptr<const answer> data_for(std::chrono::seconds ttl, std::uint16_t port = 80) {
  answer a;
  a.ttl = ttl;
  a.records = std::vector<srv_record>{{1, 2, port, name::from_text("host.example").value()}};
  return std::make_shared<const answer>(std::move(a));
}

/// nxdomain or no_data.
inline std::shared_ptr<const answer> no_for(std::chrono::seconds ttl, errc status) {
  answer a;
  a.ttl = ttl;
  a.status = status;
  return std::make_shared<const answer>(std::move(a));
}

/// A cache and its only question: each call is a query with an immediate answer.
struct one_question {
  question q = asked_for("_x._tcp.example.com");
  answer_cache cache;

  const cached_answer* store(std::shared_ptr<const answer> data, boot_clock::time_point now, std::uint32_t random = 0) {
    return cache.store(q, std::move(data), "192.0.2.53", now, now, random);
  }
  const cached_answer* fail(error_code failure, boot_clock::time_point now, std::uint32_t random = 0) {
    return cache.store_failure(q, failure, now, random);
  }
  const cached_answer* find(boot_clock::time_point now) { return cache.find(q, now); }
};

inline bool is_fresh(const cached_answer* held, boot_clock::time_point now) {
  return held != nullptr && held->data && now < held->expires;
}
inline bool is_stale(const cached_answer* held, boot_clock::time_point now) {
  return held != nullptr && held->data && now >= held->expires && now < held->stale_until;
}

}  // namespace sdconnect::test
