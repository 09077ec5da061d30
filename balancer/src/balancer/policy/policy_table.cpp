#include "balancer/policy/policy_table.hpp"

#include <array>

namespace sdconnect {
namespace detail {
namespace {

// In the order of the enumeration.
constexpr std::array rules{&rfc2782_rule, &weighted_rule, &ordered_rule, &least_loaded_rule, &hash_rule};

}  // namespace

const selection_rule& rule_of(selection_policy policy) noexcept { return *rules[static_cast<std::size_t>(policy)]; }

}  // namespace detail

std::string_view to_string(selection_policy policy) noexcept { return detail::rule_of(policy).name; }

result<selection_policy> selection_policy_from_text(std::string_view text) {
  for (const detail::selection_rule* rule : detail::rules) {
    if (rule->name == text) return rule->policy;
  }
  return errc::bad_policy;
}

}  // namespace sdconnect
