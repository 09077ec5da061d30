#include "balancer/policy/weighted.hpp"

namespace sdconnect::detail {

// least_loaded.hpp implements this policy with known loads. Without loads it is a weighted draw.
extern constexpr selection_rule least_loaded_rule{selection_policy::least_loaded, "least-loaded",
                                                  weighted_first_choice_parts, draw_weighted_order};

}  // namespace sdconnect::detail
