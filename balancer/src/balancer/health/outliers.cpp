#include "balancer/health/outliers.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace sdconnect::detail {
namespace {

struct judged {
  double rate;
  std::uint32_t id;

  friend auto operator<=>(const judged&, const judged&) = default;
};

// Equal rates can differ from their mean by rounding.
constexpr double least_gap = 1e-9;

}  // namespace

std::vector<std::uint32_t> find_outliers(std::span<const attempt_tally> tallies, const health_options& options) {
  std::vector<judged> rates;
  double sum = 0;
  for (const attempt_tally& tally : tallies) {
    if (tally.attempts < std::max(options.outlier_least_attempts, 1U)) continue;
    rates.push_back({static_cast<double>(tally.successes) / tally.attempts, tally.id});
    sum += rates.back().rate;
  }
  if (rates.empty() || rates.size() < options.outlier_least_endpoints) return {};

  const double mean = sum / static_cast<double>(rates.size());
  double squares = 0;
  for (const judged& one : rates) squares += (one.rate - mean) * (one.rate - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(rates.size()));
  const double gap = std::max({options.outlier_deviations * deviation, options.outlier_least_gap, least_gap});

  std::erase_if(rates, [=](const judged& one) { return mean - one.rate <= gap; });
  std::sort(rates.begin(), rates.end());
  std::vector<std::uint32_t> ids;
  ids.reserve(rates.size());
  for (const judged& one : rates) ids.push_back(one.id);
  return ids;
}

}  // namespace sdconnect::detail
