#include "sdconnect/connect/address_order.hpp"

#include "connect/race/attempt_targets.hpp"
#include "connect/race/service_memory.hpp"

namespace sdconnect {

std::vector<ip_address> addresses_in_order(const endpoint& of, std::uint64_t seed) {
  const endpoint* const only[] = {&of};
  const auto turn = [first = detail::first_turn(seed)](const endpoint&) { return first; };
  std::vector<ip_address> out;
  for (const detail::attempt_target& target : detail::attempt_targets(only, true, true, {.turn = turn})) {
    if (!target.refused) out.push_back(target.address);
  }
  return out;
}

}  // namespace sdconnect
