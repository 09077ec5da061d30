#include "sdconnect/balancer/goodness_of_fit.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

using namespace sdconnect;

namespace {

using counts = std::vector<std::uint64_t>;
using shares = std::vector<double>;

TEST_CASE("chi_square_p: agrees with closed forms of the distribution", "[balancer]") {
  // df 1: p = erfc(sqrt(x / 2)). Counts 60 and 40, expected 50 and 50: x = 4.
  CHECK(chi_square_p(counts{60, 40}, shares{0.5, 0.5}) == Approx(std::erfc(std::sqrt(2.0))).epsilon(1e-12));
  CHECK(chi_square_p(counts{60, 40}, shares{0.5, 0.5}) == Approx(0.0455002639).epsilon(1e-9));
  // df 2: p = exp(-x / 2). Counts 20, 30, 10, expected 20 each: x = 10.
  CHECK(chi_square_p(counts{20, 30, 10}, shares{1.0 / 3, 1.0 / 3, 1.0 / 3}) == Approx(std::exp(-5.0)).epsilon(1e-12));
  // df 4: p = exp(-x / 2) (1 + x / 2). Counts 10, 30 and three times 20, expected 20 each: x = 10.
  CHECK(chi_square_p(counts{10, 30, 20, 20, 20}, shares(5, 0.2)) == Approx(6 * std::exp(-5.0)).epsilon(1e-12));
}

TEST_CASE("chi_square_p: counts as expected give 1", "[balancer]") {
  CHECK(chi_square_p(counts{30, 10}, shares{0.75, 0.25}) == Approx(1));
}

TEST_CASE("chi_square_p: with nothing to compare the result is 1", "[balancer]") {
  CHECK(chi_square_p(counts{}, shares{}) == 1);
  CHECK(chi_square_p(counts{100}, shares{1}) == 1);
  CHECK(chi_square_p(counts{0, 0}, shares{0.5, 0.5}) == 1);
  CHECK(chi_square_p(counts{3, 0}, shares{0.5, 0.5}) == 1);  // too few: all cells in one pool
}

TEST_CASE("chi_square_p: a count where none may be gives 0", "[balancer]") {
  CHECK(chi_square_p(counts{999, 1}, shares{1, 0}) == 0);
  CHECK(chi_square_p(counts{1000, 0}, shares{1, 0}) == 1);
}

TEST_CASE("chi_square_p: cells that expect fewer than 5 are pooled", "[balancer]") {
  // The expected counts are 50, 46, twice 2 and once 0: the pool expects 4 and joins the cell of
  // 46.
  const shares expected{0.5, 0.46, 0.02, 0.02, 0};
  CHECK(chi_square_p(counts{60, 36, 4, 0, 0}, expected) == Approx(std::erfc(std::sqrt(2.0))));

  // With an expected sum of 6 in three small cells the pool stays a cell: 50, 44 and 6, df 2.
  const shares larger{0.5, 0.44, 0.02, 0.02, 0.02};
  CHECK(chi_square_p(counts{50, 41, 9, 0, 0}, larger) == Approx(std::exp(-(9.0 / 44 + 9.0 / 6) / 2)));
}

}  // namespace
