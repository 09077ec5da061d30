#include "sdconnect/dns/endpoint.hpp"

#include "dns/message/end_of_tier.hpp"
#include "dns/message/merged_endpoints.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

namespace sdconnect {
namespace {

// An endpoint takes a third of a kilobyte, so the code sorts positions instead.
using positions = std::vector<std::uint32_t>;

positions all_positions(std::size_t count) {
  positions result(count);
  std::iota(result.begin(), result.end(), std::uint32_t{0});
  return result;
}

auto identity(const endpoint& e) { return std::tie(e.priority, e.target, e.port); }

/// Keeps the first of equal values, in the order received. O(n log n), because a hostile answer may
/// repeat thousands.
template <class T>
void remove_repeated(std::vector<T>& values) {
  positions order = all_positions(values.size());
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (values[a] == values[b]) return a < b;
    return values[a] < values[b];
  });
  const auto is_equal = [&](std::uint32_t a, std::uint32_t b) { return values[a] == values[b]; };
  order.erase(std::unique(order.begin(), order.end(), is_equal), order.end());
  if (order.size() == values.size()) return;

  std::sort(order.begin(), order.end());
  std::vector<T> kept;
  kept.reserve(order.size());
  for (const std::uint32_t at : order) kept.push_back(std::move(values[at]));
  values = std::move(kept);
}

std::uint32_t saturated_sum(std::uint32_t a, std::uint32_t b) noexcept {
  return a + std::min(b, std::numeric_limits<std::uint32_t>::max() - a);
}

/// Brings the lists of one endpoint into the form that joined() gives them.
void tidy(endpoint& e) {
  remove_repeated(e.addresses);
  remove_repeated(e.instances);
  if (!e.addresses.empty()) e.unresolved = {};
}

/// Merges endpoints with the same identity, in the order received.
endpoint joined(std::vector<endpoint>& endpoints, std::span<const std::uint32_t> members) {
  endpoint result = std::move(endpoints[members.front()]);
  for (const std::uint32_t at : members.subspan(1)) {
    endpoint& other = endpoints[at];
    result.weight = saturated_sum(result.weight, other.weight);
    result.ttl = std::min(result.ttl, other.ttl);
    if (!result.unresolved) result.unresolved = other.unresolved;
    // Usually all records of a target have one address list. Appending it for each record would
    // grow with the square of the answer.
    if (other.addresses != result.addresses) {
      result.addresses.insert(result.addresses.end(), other.addresses.begin(), other.addresses.end());
    }
    result.instances.insert(result.instances.end(), other.instances.begin(), other.instances.end());
  }
  tidy(result);
  return result;
}

}  // namespace

bool is_listed_before(const endpoint& a, const endpoint& b) noexcept {
  return std::tie(a.priority, b.weight, a.target, a.port) < std::tie(b.priority, a.weight, b.target, b.port);
}

bool detail::is_merged(std::span<const endpoint> endpoints) {
  const auto is_out_of_place = [](const endpoint& a, const endpoint& b) { return !is_listed_before(a, b); };
  if (std::adjacent_find(endpoints.begin(), endpoints.end(), is_out_of_place) != endpoints.end()) return false;
  positions order = all_positions(endpoints.size());
  const auto identity_at = [&](std::uint32_t at) { return identity(endpoints[at]); };
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return identity_at(a) < identity_at(b); });
  return std::adjacent_find(order.begin(), order.end(),
                            [&](auto a, auto b) { return identity_at(a) == identity_at(b); }) == order.end();
}

std::vector<endpoint> merge_endpoints(std::vector<endpoint> endpoints) {
  if (detail::is_merged(endpoints)) {  // as from a resolver: needs no second copy
    for (endpoint& e : endpoints) tidy(e);
    return endpoints;
  }
  positions order = all_positions(endpoints.size());
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const endpoint& left = endpoints[a];
    const endpoint& right = endpoints[b];
    return std::tie(left.priority, left.target, left.port, a) < std::tie(right.priority, right.target, right.port, b);
  });

  std::vector<endpoint> merged;
  merged.reserve(endpoints.size());
  for (auto first = order.cbegin(); first != order.cend();) {
    const auto is_another = [&](std::uint32_t at) { return identity(endpoints[at]) != identity(endpoints[*first]); };
    const auto last = std::find_if(first + 1, order.cend(), is_another);
    merged.push_back(joined(endpoints, {first, last}));
    first = last;
  }

  positions listing = all_positions(merged.size());
  std::sort(listing.begin(), listing.end(),
            [&](std::uint32_t a, std::uint32_t b) { return is_listed_before(merged[a], merged[b]); });
  std::vector<endpoint> result;
  result.reserve(merged.size());
  for (const std::uint32_t at : listing) result.push_back(std::move(merged[at]));
  return result;
}

std::vector<std::span<const endpoint>> tiers_of(std::span<const endpoint> endpoints) {
  std::vector<std::span<const endpoint>> tiers;
  for (auto first = endpoints.begin(); first != endpoints.end(); first += tiers.back().size()) {
    tiers.emplace_back(first,
                       detail::end_of_tier(first, endpoints.end(), [](const endpoint& e) { return e.priority; }));
  }
  return tiers;
}

}  // namespace sdconnect
