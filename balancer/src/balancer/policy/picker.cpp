#include "sdconnect/balancer/picker.hpp"

#include "balancer/order/alias_columns.hpp"
#include "balancer/policy/first_choice.hpp"

namespace sdconnect {

picker::picker(std::span<const endpoint> endpoints, selection_policy policy) {
  const detail::exact_shares shares = detail::first_choice_parts(endpoints, policy);
  if (shares.parts.empty()) return;

  // A column for every endpoint, also for those that have no share: its index is then that of the
  // endpoint.
  columns_.resize(shares.parts.size());
  std::vector<std::uint32_t> buffer;
  detail::make_alias_columns(shares.parts, shares.whole, buffer, columns_);
}

}  // namespace sdconnect
