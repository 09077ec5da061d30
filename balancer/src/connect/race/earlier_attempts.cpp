#include "connect/race/earlier_attempts.hpp"

#include "dns/message/end_of_tier.hpp"

#include <boost/system/errc.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>

namespace sdconnect::detail {

namespace {

auto identity(const connect_attempt* a) { return std::tie(a->target, a->port, a->address); }

}  // namespace

earlier_attempts::earlier_attempts(std::span<const connect_attempt> attempts, attempt_plan plan)
    : plan_(std::move(plan)) {
  for (const connect_attempt& a : attempts) {
    if (a.result != boost::system::errc::operation_canceled) tried_.push_back(&a);
  }
  std::ranges::sort(tried_, {}, identity);
}

bool earlier_attempts::has_tried(const endpoint& of, const ip_address& address) const {
  return std::ranges::binary_search(tried_, std::tie(of.target, of.port, address), {}, identity);
}

attempt_plan earlier_attempts::in_same_order(attempt_plan fresh) const {
  std::map<std::pair<name, std::uint16_t>, std::size_t> places;
  for (std::size_t at = 0; at < plan_.order.size(); ++at) {
    places.emplace(std::pair(plan_[at].where.target, plan_[at].where.port), at);
  }
  const endpoint_set& set = *fresh.set;
  const auto place_of = [&](std::uint32_t index) {
    const auto found = places.find({set[index].where.target, set[index].where.port});
    return found == places.end() ? plan_.order.size() : found->second;
  };
  const auto end = fresh.order.begin() + static_cast<std::ptrdiff_t>(fresh.usable);
  for (auto first = fresh.order.begin(); first != end;) {
    const auto last = end_of_tier(first, end, [&](std::uint32_t index) { return set[index].where.priority; });
    std::stable_sort(first, last, [&](std::uint32_t a, std::uint32_t b) { return place_of(a) < place_of(b); });
    first = last;
  }
  return fresh;
}

}  // namespace sdconnect::detail
