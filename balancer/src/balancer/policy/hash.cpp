#include "balancer/policy/weighted.hpp"

namespace sdconnect::detail {

// rendezvous.hpp has what it does with a key. Over all keys the shares are those of the weights,
// and so they are for a draw without a key.
constexpr selection_rule hash_rule{selection_policy::hash, "hash", weighted_first_choice_parts, draw_weighted_order};

}  // namespace sdconnect::detail
