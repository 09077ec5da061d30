#include "connect/race/ordered_race.hpp"

#include "connect/race/attempt_targets.hpp"

#include <utility>

namespace sdconnect::detail {
namespace {

std::vector<attempt_target> candidates_of(const std::vector<endpoint>& order, const race_options& options) {
  std::vector<const endpoint*> pointers;
  for (const endpoint& e : order) pointers.push_back(&e);
  return attempt_targets(pointers, options.use_ipv4, options.use_ipv6);
}

}  // namespace

ordered_race::ordered_race(std::vector<endpoint> order, const race_options& options)
    : order_(std::move(order)), race_(candidates_of(order_, options), options, context_) {}

race::step ordered_race::on_connected(std::size_t candidate, time_point now) {
  return race_.on_connected(candidate, now);
}

race::step ordered_race::on_failed(std::size_t candidate, error_code ec, time_point now) {
  return race_.on_failed(candidate, ec, now);
}

connect_conclusion ordered_race::conclude() {
  return conclusion_of(race_, [this](std::size_t at) -> const endpoint& { return order_[at]; });
}

}  // namespace sdconnect::detail
