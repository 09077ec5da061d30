#include "connect/service_memory.hpp"

namespace sdconnect {

attempt_plan service_memory::plan(time_point now, std::optional<std::uint64_t> key) {
  attempt_plan made = balance.plan(now, key);
  silent.put_last(made, now);
  return made;
}

void service_memory::take(std::span<const endpoint> listed, time_point now) {
  balance.update(listed, now);
  addresses.keep_listed(listed);
}

void service_memory::reset_health(time_point now) {
  balance.reset_health(now);
  addresses.clear();
}

}  // namespace sdconnect
