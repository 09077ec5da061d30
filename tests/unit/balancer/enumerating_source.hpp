/// \file
/// Enumerates every outcome of a random procedure, with its exact probability.
#pragma once

#include <boost/rational.hpp>
#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sdconnect::test {

using chance = boost::rational<std::int64_t>;

/// A random source that returns every possible value in sequence, like the wheels of an odometer.
class enumerating_source {
 public:
  std::uint64_t operator()(std::uint64_t n) {
    REQUIRE(n > 0);
    if (depth_ == wheels_.size()) wheels_.push_back({0, n});
    REQUIRE(wheels_[depth_].size == n);
    chance_ /= static_cast<std::int64_t>(n);
    return wheels_[depth_++].value;
  }

  /// The probability of the last run.
  [[nodiscard]] chance run_chance() const { return chance_; }

  /// Advances to the next run; returns false after the last.
  bool advance() {
    while (!wheels_.empty() && wheels_.back().value + 1 == wheels_.back().size) wheels_.pop_back();
    if (wheels_.empty()) return false;
    ++wheels_.back().value;
    depth_ = 0;
    chance_ = 1;
    return true;
  }

 private:
  struct wheel {
    std::uint64_t value, size;
  };
  std::vector<wheel> wheels_;
  std::size_t depth_ = 0;
  chance chance_ = 1;
};

}  // namespace sdconnect::test
