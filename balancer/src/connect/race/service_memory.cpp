#include "connect/race/service_memory.hpp"

#include "sdconnect/net/random.hpp"

namespace sdconnect::detail {
namespace {

// The addresses of an endpoint begin at a place that does not depend on the draw of the endpoint.
constexpr std::uint64_t turn_stream = 0x7475726e;

}  // namespace

std::uint64_t first_turn(std::uint64_t seed) noexcept { return random_engine(seed ^ turn_stream)(); }

service_memory::service_memory(const balancer_options& options, time_point now) : balance(options, now) {
  if (options.seed) addresses.begin_turns(first_turn(*options.seed));
}

attempt_plan service_memory::shuffled(attempt_plan drawn, time_point now) const {
  silent.put_last(drawn, now);
  return drawn;
}

void service_memory::take(std::span<const endpoint> listed, time_point now) {
  balance.update(listed, now);
  addresses.keep_listed(listed);
}

void service_memory::take(std::shared_ptr<const std::vector<endpoint>> listed, time_point now) {
  addresses.keep_listed(*listed);
  balance.update(std::move(listed), now);
}

void service_memory::reset_health(time_point now) {
  balance.reset_health(now);
  addresses.clear();
}

}  // namespace sdconnect::detail
