/// \file
/// Statistics of a simulated fleet for each second.
#pragma once

#include "bench/fleet/events.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::bench {

struct fleet_second {
  std::uint32_t requests = 0;     ///< started
  std::uint32_t failed = 0;       ///< ended without a connection, or with a broken one
  std::uint32_t attempts = 0;     ///< all connection attempts
  std::uint32_t retries = 0;      ///< attempts after the first of a request
  std::uint32_t srv_queries = 0;  ///< one for each client that queries, without repetitions
  std::uint32_t dns_queries = 0;  ///< of all types, with repetitions: the load of the name servers
};

/// Clients are in two groups, so that figures of both can be compared.
class fleet_meters {
 public:
  static constexpr std::size_t groups = 2;

  fleet_meters(std::size_t endpoints, sim_time start) : endpoints_(endpoints), start_(start) {}

  [[nodiscard]] fleet_second& at(sim_time now) { return row(now).counts; }
  void count_attempt(std::size_t endpoint, sim_time now) { ++row(now).attempts[endpoint]; }
  /// `took` is the time from the start of the request, over all its attempts, to the end of its
  /// use.
  void count_connected(std::size_t endpoint, std::size_t group, sim_duration took, sim_time now);

  // Seconds since the start; `to` is excluded.
  struct window {
    std::size_t from = 0, to = 0;
  };
  [[nodiscard]] std::uint64_t sum(std::uint32_t fleet_second::*what, window in) const;
  [[nodiscard]] std::uint32_t peak(std::uint32_t fleet_second::*what, window in) const;
  [[nodiscard]] std::uint64_t attempts_at(std::size_t endpoint, window in) const;
  [[nodiscard]] std::uint64_t connected_to(std::size_t endpoint, window in) const;
  /// The fraction of the connections that led to any of these endpoints.
  [[nodiscard]] double share_of(std::span<const std::size_t> endpoints, window in) const;
  [[nodiscard]] double attempt_share_of(std::span<const std::size_t> endpoints, window in) const;
  /// The highest number of connections to an endpoint in a second.
  [[nodiscard]] std::uint64_t peak_connected(window in) const;
  /// The time in ms within which the fraction `part` of a group's requests ended; group `groups`
  /// means all.
  [[nodiscard]] double percentile(double part, window in, std::size_t group = groups) const;

  [[nodiscard]] std::size_t seconds() const noexcept { return rows_.size(); }
  [[nodiscard]] const fleet_second& second(std::size_t at) const { return rows_[at].counts; }

 private:
  // Four buckets per octave of microseconds, up to 16 s.
  static constexpr std::size_t latency_buckets = 96;
  using histogram = std::array<std::uint32_t, latency_buckets>;

  struct second_row {
    fleet_second counts;
    std::vector<std::uint32_t> attempts, connected;  // by endpoint
    std::array<histogram, groups> latency{};
  };
  second_row& row(sim_time now);

  std::size_t endpoints_;
  sim_time start_;
  std::vector<second_row> rows_;
};

}  // namespace sdconnect::bench
