// Random operations on the cache and on a simple model of it.
#include "support/naive_cache.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <random>
#include <vector>

using namespace sdconnect::test;

TEST_CASE("answer_cache: agrees with a naive model after every one of 10^5 operations", "[cache]") {
  // Each operation reads 5 octets on average: 20,000 octets make about 4,000 operations with one
  // set of random limits.
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    std::vector<std::uint8_t> octets(20'000);
    for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(random());
    const char* const difference = cache_machine(octets).run();
    INFO(difference);
    REQUIRE(difference == nullptr);
  }
}
