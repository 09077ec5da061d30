#include "balancer/policy/policy_table.hpp"

#include <array>

// In the order of the enumeration.
#define SDCONNECT_POLICIES(row) row(rfc2782) row(weighted) row(ordered) row(least_loaded) row(hash)

namespace sdconnect {
namespace detail {

#define SDCONNECT_RULE(name) extern const selection_rule name##_rule;
SDCONNECT_POLICIES(SDCONNECT_RULE)
#undef SDCONNECT_RULE

namespace {

#define SDCONNECT_RULE(name) &name##_rule,
constexpr std::array rules{SDCONNECT_POLICIES(SDCONNECT_RULE)};
#undef SDCONNECT_RULE

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
