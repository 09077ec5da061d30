/// \file
/// A second, very simple implementation of the cache: a list of records with linear search. And a
/// machine that interprets any octets as operations, applies them to both caches and reports where
/// they differ.
#pragma once

#include "cache/heap_size.hpp"
#include "cache/question_table.hpp"
#include "sdconnect/cache/answer_cache.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

/// The model does not predict randomly drawn values: it checks their range and copies them.
class naive_cache {
 public:
  using time_point = boot_clock::time_point;

  struct record {
    question asked;
    std::optional<time_point> query_sent;  // of the last answer
    bool says_nxdomain = false;
    cached_answer held;
  };

  explicit naive_cache(const cache_limits& limits) : limits_(limits) {}

  const cached_answer* find(const question& q, time_point now) {
    const auto found = std::ranges::find(records_, q, &record::asked);
    if (found == records_.end()) return nullptr;
    forget_what_cannot_serve(*found, now);
    if (!found->held.data && found->held.retry_at <= now) return nullptr;
    return &use(found)->held;
  }

  const cached_answer* store(const question& q, std::shared_ptr<const answer> data, const std::string& server,
                             time_point asked, time_point now) {
    const auto old = std::ranges::find(records_, q, &record::asked);
    if (old != records_.end() && old->query_sent && asked < *old->query_sent) {
      forget_what_cannot_serve(*old, now);
      return old->held.data || old->held.retry_at > now ? &old->held : nullptr;
    }
    if (old != records_.end()) records_.erase(old);
    record fresh{q, asked, data->status == errc::nxdomain, {}};
    fresh.held.asked = asked;
    fresh.held.received = now;
    const auto ttl = std::min(data->ttl, data->status ? limits_.max_negative_ttl : limits_.max_ttl);
    if (ttl.count() > 0 && empty_entry_bytes + heap_size(*data) + heap_size(server) <= limits_.max_bytes) {
      fresh.held.expires = now + ttl;
      fresh.held.stale_until = now + ttl + (data->status ? std::chrono::seconds(0) : limits_.max_stale);
      fresh.held.data = std::move(data);
      fresh.held.server = server;
    }
    records_.push_back(fresh);
    make_room();
    return fresh.held.data ? &records_.back().held : nullptr;
  }

  const cached_answer* store_failure(const question& q, error_code failure, time_point now) {
    auto found = std::ranges::find(records_, q, &record::asked);
    if (found == records_.end()) found = records_.insert(found, record{q, {}, false, {}});
    found = use(found);
    make_room();
    record& last = records_.back();
    forget_what_cannot_serve(last, now);
    last.held.failure = failure;
    ++last.held.failures;
    return &last.held;
  }

  void clear() { records_.clear(); }
  [[nodiscard]] std::size_t size() const { return records_.size(); }
  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = 0;
    for (const record& r : records_) {
      sum += empty_entry_bytes + (r.held.data ? heap_size(*r.held.data) + heap_size(r.held.server) : 0);
    }
    return sum;
  }

  /// Copies values for the question used last.
  void take_over(const cached_answer& drawn) {
    records_.back().held.refresh_at = drawn.refresh_at;
    records_.back().held.retry_at = drawn.retry_at;
  }

 private:
  using iterator = std::vector<record>::iterator;

  iterator use(iterator which) { return std::rotate(which, which + 1, records_.end()), records_.end() - 1; }

  void forget_what_cannot_serve(record& r, time_point now) {
    if (!r.held.data || now < r.held.expires) return;
    const bool is_gone = std::ranges::any_of(records_, [&](const record& other) {
      return other.asked.qname == r.asked.qname && other.says_nxdomain && *other.query_sent > *r.query_sent;
    });
    if (now < r.held.stale_until && !is_gone) return;
    r.held.data = nullptr;
    r.held.server.clear();
  }

  void make_room() {
    while (size() > limits_.max_entries || (bytes() > limits_.max_bytes && size() > 1))
      records_.erase(records_.begin());
  }

  cache_limits limits_;
  std::vector<record> records_;  // least recently used first
};

/// Octets become operations on both caches. It uses few names and times, so that operations hit the
/// same entries.
class cache_machine {
 public:
  explicit cache_machine(std::span<const std::uint8_t> input)
      : input_(input), limits_(read_limits()), cache_(limits_), naive_(limits_) {}

  /// Runs to the end of the input or to the first difference. Returns the difference, or nullptr.
  const char* run() {
    while (!input_.empty()) {
      if (const char* const difference = step()) return difference;
    }
    return nullptr;
  }

 private:
  using time_point = boot_clock::time_point;

  std::uint8_t take() {
    if (input_.empty()) return 0;
    const std::uint8_t octet = input_.front();
    input_ = input_.subspan(1);
    return octet;
  }

  std::uint32_t take_random() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | take();
    return value;
  }

  cache_limits read_limits() {
    constexpr std::array stale{0, 10, 100, 86'400};
    cache_limits limits;
    limits.max_entries = 1 + take() % 16;
    limits.max_bytes = std::size_t{take()} * 200;
    limits.max_ttl = std::chrono::seconds(take());
    limits.max_negative_ttl = std::chrono::seconds(take());
    limits.max_stale = std::chrono::seconds(stale[take() % stale.size()]);
    return limits;
  }

  question take_question() {
    static const std::array names{*name::from_text("a.example"), *name::from_text("A.EXAMPLE"),
                                  *name::from_text("_x._tcp.a.example"), *name::from_text("b.example")};
    constexpr std::array types{rr_type::srv, rr_type::ptr, rr_type::a, rr_type::aaaa};
    const std::uint8_t octet = take();
    return {names[octet % 4], types[octet / 4 % 4]};
  }

  std::shared_ptr<const answer> take_answer() {
    constexpr std::array ttls{0, 1, 5, 60, 300, 3'600, 86'400, 0x7fffffff};
    const std::uint8_t octet = take();
    answer a;
    a.ttl = std::chrono::seconds(ttls[octet % 8]);
    if (octet % 64 / 16 == 2) a.status = errc::nxdomain;
    if (octet % 64 / 16 == 3) a.status = errc::no_data;
    if (!a.status) a.records = std::vector<ip_address>(std::size_t{1} << octet / 64 * 2);
    if (octet / 8 % 2 != 0) a.additional = {{name(), rr_type::txt, a.ttl, std::vector<txt_record>(3)}};
    return std::make_shared<const answer>(std::move(a));
  }

  const char* step() {
    constexpr std::array<std::int64_t, 8> milliseconds{1, 100, 750, 1'000, 4'000, 30'000, 500'000, 100'000'000};
    const std::uint8_t operation = take();
    switch (operation % 8) {
      case 0:
      case 1:
      case 2: return find(take_question());
      case 3:
      case 4: return store(take_question());
      case 5: return store_failure(take_question());
      case 6: now_ += std::chrono::milliseconds(milliseconds[operation / 8 % 8]); return nullptr;
      default: break;
    }
    if (operation != 0xff) return nullptr;
    cache_.clear();
    naive_.clear();
    return compare_sizes();
  }

  const char* find(const question& q) { return compare(cache_.find(q, now_), naive_.find(q, now_)); }

  const char* store(const question& q) {
    const std::shared_ptr<const answer> data = take_answer();
    const std::uint8_t octet = take();
    const time_point asked = now_ - std::chrono::milliseconds(octet % 16 * 300);
    const std::string server(octet / 16 * 3, 's');
    const cached_answer* const ours = cache_.store(q, data, server, asked, now_, take_random());
    const cached_answer* const theirs = naive_.store(q, data, server, asked, now_);
    if (ours != nullptr && theirs != nullptr && ours->data == data && ours->received == now_ && !ours->failure) {
      const auto ttl = ours->expires - now_;
      const auto wait = ours->refresh_at - now_;
      if (wait * 100 < ttl * 80 || wait * 100 > ttl * 95) return "a refresh is due at 80 to 95 % of the TTL";
      naive_.take_over(*ours);
    }
    return compare(ours, theirs);
  }

  const char* store_failure(const question& q) {
    constexpr std::array seconds{1, 2, 4, 4};
    constexpr std::array failures{errc::query_timed_out, errc::server_failure, errc::empty_answer};
    const error_code failure = failures[take() % failures.size()];
    const cached_answer* const ours = cache_.store_failure(q, failure, now_, take_random());
    const cached_answer* const theirs = naive_.store_failure(q, failure, now_);
    if (ours == nullptr) return "a failure is held";
    const std::chrono::nanoseconds longest =
        std::chrono::seconds(seconds[std::min<std::size_t>(theirs->failures, seconds.size()) - 1]);
    const auto wait = ours->retry_at - now_;
    if (wait > longest || wait * 4 < longest * 3) return "a failure holds for 1, 2, 4, 4 s less a quarter at most";
    naive_.take_over(*ours);
    return compare(ours, theirs);
  }

  const char* compare(const cached_answer* ours, const cached_answer* theirs) const {
    if ((ours == nullptr) != (theirs == nullptr)) return "both hold something, or none does";
    if (const char* const difference = compare_sizes()) return difference;
    if (ours == nullptr) return nullptr;
    if (ours->data != theirs->data || ours->server != theirs->server) return "both hold the same answer";
    if (ours->asked != theirs->asked || ours->received != theirs->received) return "... learned at the same time";
    if (ours->failure != theirs->failure || ours->failures != theirs->failures) return "... with the same failure";
    if (ours->retry_at != theirs->retry_at || ours->refresh_at != theirs->refresh_at) return "... drawn once";
    if (ours->expires != theirs->expires || ours->stale_until != theirs->stale_until) return "... for as long";
    return nullptr;
  }

  const char* compare_sizes() const {
    if (cache_.size() != naive_.size() || cache_.bytes() != naive_.bytes()) return "both hold as much";
    const bool is_within = cache_.bytes() <= limits_.max_bytes || cache_.size() == 1;
    return cache_.size() <= limits_.max_entries && is_within ? nullptr : "the limits are kept";
  }

  std::span<const std::uint8_t> input_;
  cache_limits limits_;
  answer_cache cache_;
  naive_cache naive_;
  time_point now_{std::chrono::hours(1)};
};

}  // namespace sdconnect::test
