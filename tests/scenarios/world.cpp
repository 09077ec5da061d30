#include "scenarios/world.hpp"

#include "scenarios/values.hpp"

#include <fmt/core.h>

namespace sdconnect::scenario {

std::optional<world::duration> world::next() const {
  if (planned_.empty()) return std::nullopt;
  return planned_.begin()->first.first;
}

void world::run_next() {
  const auto first = planned_.extract(planned_.begin());
  advance_to(first.key().first);
  first.mapped()();
}

void world::note(const std::string& what) { notes_.push_back(fmt::format("{:>12}  {}", text_of(now_), what)); }

}  // namespace sdconnect::scenario
