#include "helper/status/connect_series.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace sdconnect::helper {
namespace {

using std::chrono::microseconds;

// Times below 4 us have a bucket each; from there on, four buckets divide each doubling.
std::size_t bucket_of(microseconds time, std::size_t count) noexcept {
  const auto us = static_cast<std::uint64_t>(std::max(time, microseconds(0)).count());
  if (us < 4) return us;
  const auto doubling = static_cast<std::size_t>(std::bit_width(us)) - 3;
  return std::min(4 * doubling + (us >> doubling), count - 1);
}

microseconds middle_of(std::size_t bucket) noexcept {
  if (bucket < 8) return microseconds(bucket);
  const std::size_t doubling = bucket / 4 - 1;
  const std::size_t lower = (4 + bucket % 4) << doubling;
  return microseconds(lower + (std::size_t{1} << doubling) / 2);
}

}  // namespace

void connect_series::add(std::optional<microseconds> time, time_point now) {
  advance(now);
  if (!time) {
    ++current_.failures;
    return;
  }
  ++current_.connects;
  ++buckets_[bucket_of(*time, bucket_count)];
}

std::vector<series_point> connect_series::points(time_point now) {
  advance(now);
  std::vector<series_point> all(ring_.begin() + static_cast<std::ptrdiff_t>(next_), ring_.end());
  all.insert(all.end(), ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(next_));
  return all;
}

void connect_series::advance(time_point now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second <= second_) return;
  const auto passed = static_cast<std::size_t>((second - second_).count());
  second_ = second;
  current_.p50 = quantile(50);
  current_.p99 = quantile(99);
  buckets_ = {};
  for (std::size_t i = 0; i < std::min(passed, length); ++i) {
    ring_[next_] = i == 0 && passed <= length ? current_ : series_point();
    next_ = (next_ + 1) % length;
  }
  current_ = {};
}

microseconds connect_series::quantile(std::uint32_t percent) const noexcept {
  std::uint64_t left = (std::uint64_t{current_.connects} * percent + 99) / 100;
  if (left == 0) return {};
  std::size_t bucket = 0;
  while (buckets_[bucket] < left) left -= buckets_[bucket++];
  return middle_of(bucket);
}

}  // namespace sdconnect::helper
