#include "connect/race/service_memory.hpp"

namespace sdconnect::detail {

attempt_plan service_memory::shuffled(attempt_plan drawn, time_point now) const {
  silent.put_last(drawn, now);
  return drawn;
}

void service_memory::take(std::span<const endpoint> listed, time_point now) {
  balance.update(listed, now);
  addresses.keep_listed(listed);
}

void service_memory::reset_health(time_point now) {
  balance.reset_health(now);
  addresses.clear();
}

}  // namespace sdconnect::detail
