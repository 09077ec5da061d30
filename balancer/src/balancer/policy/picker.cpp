#include "sdconnect/balancer/picker.hpp"

#include "balancer/order/alias_columns.hpp"
#include "balancer/policy/first_choice.hpp"

namespace sdconnect {

picker::picker(std::span<const endpoint> endpoints, selection_policy policy) {
  const detail::exact_shares shares = detail::first_choice_parts(endpoints, policy);
  if (shares.parts.empty()) return;

  // One column for every endpoint, also for those without a share, so that the index of a column is
  // that of its endpoint.
  columns_.resize(shares.parts.size());
  std::vector<std::uint32_t> buffer;
  detail::make_alias_columns(shares.parts, shares.whole, buffer, columns_);
}

}  // namespace sdconnect
