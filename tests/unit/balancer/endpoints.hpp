/// \file
/// Sets of endpoints for the tests of the balancer.
#pragma once

#include "sdconnect/dns/endpoint.hpp"

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

namespace sdconnect::test {

inline endpoint make_endpoint(const std::string& target, std::uint32_t weight, std::uint16_t priority = 0,
                              std::uint16_t port = 80) {
  endpoint e;
  e.target = name::from_text(target).value();
  e.port = port;
  e.priority = priority;
  e.weight = weight;
  return e;
}

/// One tier of host0, host1, ... with these weights.
inline std::vector<endpoint> make_tier(const std::vector<std::uint32_t>& weights) {
  std::vector<endpoint> endpoints;
  for (const std::uint32_t weight : weights) {
    endpoints.push_back(make_endpoint("host" + std::to_string(endpoints.size()) + ".example.com.", weight));
  }
  return endpoints;
}

/// The twenty weight sets of the share tests: those of the RFC's discussion, extremes, and large
/// mixed ones.
inline std::vector<std::vector<std::uint32_t>> share_test_weights() {
  std::vector<std::vector<std::uint32_t>> sets{{0, 10},
                                               {1, 2},
                                               {30, 10},
                                               {0, 0, 10},
                                               {0, 0, 0},
                                               {7},
                                               {1, 1},
                                               {65535, 65535, 65535, 1},
                                               {60, 20, 20},
                                               {1, 3, 6},
                                               {0},
                                               {0, 0, 0, 1},
                                               {1, 1, 1, 1, 1, 1, 1, 1},
                                               {1, 10, 100, 1000, 10000},
                                               {0, 0, 65535},
                                               {2, 0, 3, 0, 5, 0, 7}};
  std::vector<std::uint32_t> rising(16), steep(32);
  std::iota(rising.begin(), rising.end(), 0U);
  for (std::uint32_t i = 0; i < steep.size(); ++i) steep[i] = 1U << (i / 2);
  sets.push_back(rising);
  sets.push_back(steep);
  sets.emplace_back(1000, 65535);
  std::vector<std::uint32_t> mixed;
  for (std::uint32_t i = 0; i < 1000; ++i) mixed.push_back(i % 3 == 0 ? 0 : i);
  sets.push_back(mixed);
  return sets;
}

}  // namespace sdconnect::test
