#include "sdconnect/balancer/goodness_of_fit.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cassert>
#include <numeric>
#include <vector>

namespace sdconnect {
namespace {

/// Least expected count of a cell: below this, its statistic does not follow the chi-square
/// distribution (Cochran's rule).
constexpr double least_expected = 5;

struct cell {
  double counted = 0;
  double expected = 0;

  cell& operator+=(const cell& other) noexcept {
    counted += other.counted;
    expected += other.expected;
    return *this;
  }
};

}  // namespace

double chi_square_p(std::span<const std::uint64_t> counts, std::span<const double> expected_shares) {
  assert(counts.size() == expected_shares.size());
  const double total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));

  std::vector<cell> cells;
  cell pool;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const cell one{static_cast<double>(counts[i]), expected_shares[i] * total};
    if (one.counted > 0 && one.expected <= 0) return 0;
    if (one.expected >= least_expected) {
      cells.push_back(one);
    } else {
      pool += one;
    }
  }
  if (pool.expected >= least_expected || cells.empty()) {
    cells.push_back(pool);
  } else {
    const auto has_less = [](const cell& a, const cell& b) { return a.expected < b.expected; };
    *std::min_element(cells.begin(), cells.end(), has_less) += pool;
  }
  if (cells.size() < 2) return 1;

  double statistic = 0;
  for (const cell& c : cells) {
    const double difference = c.counted - c.expected;
    statistic += difference * difference / c.expected;
  }
  const double degrees_of_freedom = static_cast<double>(cells.size() - 1);
  return boost::math::gamma_q(degrees_of_freedom / 2, statistic / 2);
}

}  // namespace sdconnect
