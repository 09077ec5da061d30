#include "balancer/policy/weighted.hpp"

namespace sdconnect::detail {

// rendezvous.hpp implements this policy with a key. Over all keys the shares are those of the
// weights, so a draw without a key uses the weights too.
extern constexpr selection_rule hash_rule{selection_policy::hash, "hash", weighted_first_choice_parts,
                                          draw_weighted_order};

}  // namespace sdconnect::detail
