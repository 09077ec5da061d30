#include "sdconnect/net/random.hpp"

#include "sdconnect/balancer/goodness_of_fit.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

/// Returns prepared values and counts them.
struct scripted_generator {
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() { return values.at(taken++); }

  std::vector<std::uint64_t> values;
  std::size_t taken = 0;
};

TEST_CASE("random_engine: gives the published xoshiro256++ sequence", "[balancer]") {
  // From state 1, 2, 3, 4, as listed by the authors' C program and by other implementations.
  random_engine random = random_engine::from_state({1, 2, 3, 4});
  constexpr std::array<std::uint64_t, 10> expected{41943041,
                                                   58720359,
                                                   3588806011781223,
                                                   3591011842654386,
                                                   9228616714210784205U,
                                                   9973669472204895162U,
                                                   14011001112246962877U,
                                                   12406186145184390807U,
                                                   15849039046786891736U,
                                                   10450023813501588000U};
  for (const std::uint64_t value : expected) CHECK(random() == value);
}

TEST_CASE("random_engine: a seed is expanded by splitmix64", "[balancer]") {
  // The first four outputs of splitmix64 from 1234567.
  const random_engine expected = random_engine::from_state(
      {6457827717110365317U, 3203168211198807973U, 9817491932198370423U, 4593380528125082431U});
  CHECK(random_engine(1234567) == expected);
}

TEST_CASE("random_engine: equal seeds give equal sequences, others do not", "[balancer]") {
  random_engine first(7), again(7), other(8);
  const std::uint64_t value = first();
  CHECK(again() == value);
  CHECK(other() != value);
}

TEST_CASE("random_engine: every engine from the system's entropy goes its own way", "[balancer][fault-B18]") {
  // Equal with probability 2^-64.
  CHECK_FALSE(random_engine::from_os_entropy() == random_engine::from_os_entropy());
}

TEST_CASE("uniform_below: rejects the values that would favour some results", "[balancer]") {
  // 2^64 mod 3 is 1: of all 64-bit values exactly one, 0, is rejected.
  scripted_generator random{{0, 1}};
  CHECK(uniform_below(random, 3) == 0);
  CHECK(random.taken == 2);

  // 2^64 mod 2^63+1 is 2^63-1: products below that are rejected; 1 * (2^63+1) mod 2^64 is not.
  constexpr std::uint64_t just_over_half = (std::uint64_t{1} << 63) + 1;
  scripted_generator wide{{0, 2, 1}};
  CHECK(uniform_below(wide, just_over_half) == 0);
  CHECK(wide.taken == 3);
}

TEST_CASE("uniform_below: covers the range from end to end", "[balancer]") {
  constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();
  scripted_generator random{{highest, highest, highest, 12345}};
  CHECK(uniform_below(random, 1) == 0);
  CHECK(uniform_below(random, 10) == 9);
  CHECK(uniform_below(random, highest) == highest - 1);
  CHECK(uniform_below(random, 1) == 0);
}

TEST_CASE("uniform_below: is uniform", "[balancer]") {
  random_engine random(1);  // fixed: a correct program fails for one seed in a thousand
  std::vector<std::uint64_t> counts(7);
  for (int i = 0; i < 700'000; ++i) ++counts[uniform_below(random, counts.size())];
  CHECK(chi_square_p(counts, std::vector<double>(7, 1.0 / 7)) > 0.001);
}

}  // namespace
