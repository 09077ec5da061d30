/// \file
/// The order in which one request tries endpoints.
#pragma once

#include "balancer/snapshot/choice.hpp"
#include "sdconnect/balancer/balanced_endpoint.hpp"

#include <functional>

namespace sdconnect::detail {

enum class explaining : bool { no, yes };

/// Draws the plan that balancer::plan describes. `is_token_free(position)`: no request holds the
/// token of that trial. Explaining does not change the draw.
[[nodiscard]] attempt_plan draw_plan(const chooser& by, const std::function<bool(std::uint32_t)>& is_token_free,
                                     explaining how);

}  // namespace sdconnect::detail
