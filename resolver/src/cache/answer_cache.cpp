#include "sdconnect/cache/answer_cache.hpp"

#include "cache/heap_size.hpp"
#include "cache/question_table.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <utility>

// How long an answer may be used, and for what:
//
//  1. Data live for the lowest TTL of their records (RFC 2181 §5.2), a negative answer for the TTL
//     of its SOA (RFC 2308 §5); both are capped. The clock runs during suspension, so an answer
//     ages then too.
//  2. An answer with TTL 0 is for the transaction in progress (RFC 1035 §3.2.1) and is not kept. It
//     is still the newest answer, so the one held before is removed: otherwise that one would
//     return as stale data, or a held negative answer would hide the data (unbound#860).
//  3. The order of answers is the order of their queries: a late reply to an earlier query changes
//     nothing. `asked` is kept even after the answer itself is removed.
//  4. From a point between 80 and 95 % of the TTL on, drawn once, an answer should be refreshed:
//     clients that received it together do not ask together, but all watchers in one process do.
//  5. A failed refresh keeps the answer. The failure is remembered for 1 s, then 2, 4, 4 ...
//     (RFC 9520 §3.2 asks for growing times of at least 1 s and at most 5 min; the client must
//     notice the return of a server within 5 s).
//  6. Data beyond their TTL are held for `max_stale` more (RFC 8767 §5), unless NXDOMAIN was
//     received since for any type of the name: it says that all of them are gone (RFC 8020 §2), and
//     counts as their refresh (RFC 8767 §4). A negative answer is never stale: asking again loses
//     nothing.
//  7. The cache answers only the question asked. Additional records stay inside the answer that
//     contained them, so a server can speak only for the name that it was asked for.

namespace sdconnect {

using namespace detail;
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::array back_off{seconds(1), seconds(2), seconds(4), seconds(4)};

// RFC 2181 §8 allows no longer TTL. With this limit, times stay far from overflow.
constexpr seconds longest_ttl{0x7fffffff};

// Returns the share `random` of `whole`. The low bits that are dropped to stay in range are worth
// less than a microsecond.
nanoseconds share_of(nanoseconds whole, std::uint32_t random) noexcept { return whole / 65536 * (random >> 16); }

nanoseconds refresh_after(nanoseconds ttl, std::uint32_t random) noexcept {
  return ttl / 100 * 80 + share_of(ttl / 100 * 15, random);
}

nanoseconds retry_after(std::uint32_t failures, std::uint32_t random) noexcept {
  const nanoseconds longest = back_off[std::min<std::size_t>(failures, back_off.size()) - 1];
  return longest - share_of(longest / 4, random);
}

cache_limits in_range(cache_limits limits) noexcept {
  limits.max_entries = std::max<std::size_t>(limits.max_entries, 1);
  for (seconds* const limit : {&limits.max_ttl, &limits.max_negative_ttl, &limits.max_stale})
    *limit = std::clamp(*limit, seconds(0), longest_ttl);
  return limits;
}

}  // namespace

struct answer_cache::impl {
  cache_limits limits;
  question_table table;

  // Rule 6. Drops data that may no longer be used; the entry is kept for `asked` and the count of
  // failures.
  const cached_answer* serve(cache_entry& e, time_point now) {
    if (e.held.data && now >= e.held.expires && (now >= e.held.stale_until || is_gone(e))) {
      e.held.data.reset();
      e.held.server = std::string();
      table.account(e, heap_size(e.held.failure_errors));
    }
    return e.held.data || now < e.held.retry_at ? &e.held : nullptr;
  }

  // Keeps what the name servers said about the latest failure.
  void say(cache_entry& e, std::vector<extended_error> said) {
    const std::size_t before = heap_size(e.held.failure_errors);
    e.held.failure_errors = std::move(said);
    table.account(e, e.bytes - empty_entry_bytes - before + heap_size(e.held.failure_errors));
  }

  [[nodiscard]] bool is_gone(const cache_entry& e) const {
    return table.any_type(
        e, [&](const cache_entry& other) { return other.is_nxdomain && other.held.asked > e.held.asked; });
  }

  // Never removes the entry used last, so an entry just stored is kept.
  void make_room() noexcept {
    while (table.size() > limits.max_entries || (table.bytes() > limits.max_bytes && table.size() > 1))
      table.erase_least_used();
  }
};

answer_cache::answer_cache(const cache_limits& limits) : impl_(new impl{in_range(limits), {}}) {}
answer_cache::answer_cache(answer_cache&&) noexcept = default;
answer_cache& answer_cache::operator=(answer_cache&&) noexcept = default;
answer_cache::~answer_cache() = default;

const cached_answer* answer_cache::find(const question& q, time_point now) {
  cache_entry* const e = impl_->table.find(q);
  if (e == nullptr) return nullptr;
  const cached_answer* const held = impl_->serve(*e, now);
  if (held != nullptr) impl_->table.touch(*e);
  return held;
}

const cached_answer* answer_cache::store(const question& q, std::shared_ptr<const answer> data, std::string server,
                                         time_point asked, time_point now, std::uint32_t random) {
  assert(data && (!data->status || data->status == errc::nxdomain || data->status == errc::no_data));
  const cache_limits& limits = impl_->limits;
  const bool is_negative = data->status.failed();
  const seconds ttl = std::clamp(data->ttl, seconds(0), is_negative ? limits.max_negative_ttl : limits.max_ttl);

  cache_entry& e = impl_->table.find_or_add(q);
  if (e.is_answered && asked < e.held.asked) return impl_->serve(e, now);  // rule 3
  impl_->table.touch(e);
  e.is_answered = true;
  e.is_nxdomain = data->status == errc::nxdomain;
  e.held = cached_answer();
  e.held.asked = asked;
  e.held.received = now;
  std::size_t bytes = heap_size(*data) + heap_size(server);
  if (ttl > seconds(0) && empty_entry_bytes + bytes <= limits.max_bytes) {
    e.held.data = std::move(data);
    e.held.server = std::move(server);
    e.held.refresh_at = now + refresh_after(ttl, random);
    e.held.expires = now + ttl;
    e.held.stale_until = is_negative ? e.held.expires : e.held.expires + limits.max_stale;
  } else {
    bytes = 0;
  }
  impl_->table.account(e, bytes);
  impl_->make_room();
  return impl_->serve(e, now);
}

const cached_answer* answer_cache::store_failure(const question& q, error_code failure, time_point now,
                                                 std::uint32_t random, std::vector<extended_error> said) {
  cache_entry& e = impl_->table.find_or_add(q);
  impl_->table.touch(e);
  e.held.failure = failure;
  impl_->say(e, std::move(said));
  impl_->make_room();
  if (e.held.failures < std::numeric_limits<std::uint32_t>::max()) ++e.held.failures;
  e.held.failed = now;
  e.held.retry_at = now + retry_after(e.held.failures, random);
  return impl_->serve(e, now);
}

void answer_cache::clear() { impl_->table.clear(); }
std::size_t answer_cache::size() const noexcept { return impl_->table.size(); }
std::size_t answer_cache::bytes() const noexcept { return impl_->table.bytes(); }

}  // namespace sdconnect
