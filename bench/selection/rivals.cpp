#include "bench/selection/chooser.hpp"
#include "bench/selection/round_robin.hpp"
#include "bench/selection/sets.hpp"

#include <boost/random/discrete_distribution.hpp>

#include <absl/random/discrete_distribution.h>
#include <absl/random/random.h>
#include <random>

namespace sdconnect::bench {
namespace {

/// Stored in the same place as that of a balancer.
thread_local constinit random_engine generator = random_engine::from_state({1, 2, 3, 4});

std::unique_ptr<chooser> make_floor(std::span<const endpoint> endpoints) {
  return make_chooser([table = bare_alias_table(weights_of(endpoints))] { return table.pick(generator); });
}

template <class Distribution, class Generator>
std::unique_ptr<chooser> make_library(std::span<const endpoint> endpoints) {
  const std::vector<std::uint32_t> weights = weights_of(endpoints);
  return make_chooser([distribution = Distribution(weights.begin(), weights.end()),
                       random = std::make_unique<Generator>()]() mutable { return distribution(*random); });
}

template <class RoundRobin>
std::unique_ptr<chooser> make_round_robin(std::span<const endpoint> endpoints) {
  return make_chooser([turns = std::make_unique<RoundRobin>(weights_of(endpoints))] { return turns->next(); });
}

}  // namespace

/// Vose's method in integers, and nothing else.
bare_alias_table::bare_alias_table(std::span<const std::uint32_t> weights) : columns_(weights.size()) {
  const auto count = static_cast<std::uint32_t>(weights.size());
  std::uint64_t sum = 0;
  for (const std::uint32_t weight : weights) sum += weight;
  const double unit = 0x1p32 / static_cast<double>(sum);
  std::vector<std::uint64_t> masses(count);
  std::vector<std::uint32_t> waiting(count);
  std::uint32_t with_room = 0, without_room = count;
  for (std::uint32_t i = 0; i < count; ++i) {
    masses[i] = std::uint64_t{weights[i]} * count;
    if (masses[i] < sum) {
      waiting[with_room++] = i;
    } else {
      waiting[--without_room] = i;
    }
  }
  while (with_room > 0) {
    const std::uint32_t small = waiting[--with_room], large = waiting[without_room];
    columns_[small] = {static_cast<std::uint32_t>(static_cast<double>(masses[small]) * unit), large};
    masses[large] -= sum - masses[small];
    if (masses[large] < sum) waiting[with_room++] = waiting[without_room++];
  }
  for (; without_room < count; ++without_room) columns_[waiting[without_room]] = {0, waiting[without_room]};
}

std::vector<rival> pick_rivals() {
  return {
      {.name = "bare alias table", .make = make_floor, .is_shared = true},
      {"std::discrete_distribution", make_library<std::discrete_distribution<std::uint32_t>, std::mt19937_64>},
      {"boost::random alias", make_library<boost::random::discrete_distribution<std::uint32_t>, std::mt19937_64>},
      {"absl::discrete_distribution", make_library<absl::discrete_distribution<std::uint32_t>, absl::InsecureBitGen>},
      {"EDF as Envoy's", make_round_robin<edf_scheduler>},
      {"static stride as gRPC's", make_round_robin<static_stride>, true},
      {"smooth round robin as nginx'", make_round_robin<smooth_round_robin>, false, true},
  };
}

}  // namespace sdconnect::bench
