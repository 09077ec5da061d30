/// \file
/// Counters of one (target, port) while DNS lists it or uses of it are held. They survive changes
/// of weight, priority and addresses; health may not (balancer::update).
#pragma once

#include "sdconnect/balancer/endpoint_stats.hpp"
#include "sdconnect/balancer/health_group.hpp"
#include "sdconnect/balancer/outcome.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace sdconnect {

namespace detail {
class balancer_core;
}  // namespace detail

/// Counters, the trial token and the drain deadline. All functions are thread safe and take no
/// lock. Threads write to separate rows of cache lines (assigned in turn), so that they do not wait
/// for one another; a reader adds up the rows.
class endpoint_record {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `row_count`: a power of two; each row takes 384 octets.
  explicit endpoint_record(std::uint32_t row_count) : rows_(new row[row_count]), row_mask_(row_count - 1) {}
  endpoint_record(const endpoint_record&) = delete;
  endpoint_record& operator=(const endpoint_record&) = delete;

  /// Number of uses held now.
  [[nodiscard]] std::uint64_t in_flight() const noexcept;
  /// Moving average of the connect times, in which the latest counts an eighth; zero before the
  /// first.
  [[nodiscard]] std::chrono::microseconds recent_latency() const noexcept;
  [[nodiscard]] endpoint_stats stats() const noexcept;

  /// True from the time the endpoint leaves DNS until it comes back.
  [[nodiscard]] bool is_draining() const noexcept;
  /// Time by which its last streams must end. Unset while DNS lists the endpoint, or without
  /// balancer_options::drain_deadline.
  [[nodiscard]] std::optional<time_point> drain_deadline() const noexcept;

 private:
  friend class detail::balancer_core;
  friend class endpoint_use;

  struct alignas(64) row {
    std::atomic<std::uint64_t> in_flight{0};  // a use begins and ends in the same row, so never below zero
    std::atomic<std::uint64_t> picks{0};
    std::atomic<std::uint64_t> latency_sum_us{0};
    std::array<std::atomic<std::uint64_t>, endpoint_stats::outcome_kinds> outcomes{};
    std::array<std::atomic<std::uint64_t>, endpoint_stats::latency_buckets> latency{};
  };

  [[nodiscard]] std::span<const row> rows() const noexcept { return {rows_.get(), std::size_t{row_mask_} + 1}; }
  void count(outcome_kind outcome, std::chrono::microseconds latency) noexcept;

  std::atomic<std::uint32_t> recent_latency_us_{0};  // written by all threads; reports are no hot path
  std::atomic<std::uint32_t> trial_{0};              // see half_open_token.hpp
  // Rarely written, read with each use.
  alignas(64) const std::unique_ptr<row[]> rows_;
  const std::uint32_t row_mask_;
  std::atomic<health_state> state_{health_state::up};
  std::atomic<bool> is_draining_{false};
  std::atomic<time_point::rep> drain_end_{time_point::max().time_since_epoch().count()};
  // Guarded by the lock of the balancer.
  std::uint32_t health_id_ = 0;   // invalid while draining
  std::uint32_t seen_token_ = 0;  // value of trial_ when tokens were last renewed
};

}  // namespace sdconnect
