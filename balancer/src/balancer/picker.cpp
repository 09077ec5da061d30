#include "sdconnect/balancer/picker.hpp"

#include "balancer/alias_columns.hpp"
#include "balancer/first_choice.hpp"

namespace sdconnect {

picker::picker(std::span<const endpoint> endpoints, selection_policy policy) {
  detail::exact_shares shares = detail::first_choice_parts(endpoints, policy);
  if (shares.parts.empty()) return;

  // A column for every endpoint, also for those that have no share: its index is then that of the endpoint.
  columns_.resize(shares.parts.size());
  detail::alias_buffers buffers;
  detail::fill_columns(shares.parts, shares.whole, buffers, columns_);
}

}  // namespace sdconnect
