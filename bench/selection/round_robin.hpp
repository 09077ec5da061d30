/// \file
/// The schedulers of proxies, which choose in rotation instead of drawing.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <queue>
#include <vector>

namespace sdconnect::bench {

/// Earliest deadline first, as in Envoy's edf_scheduler.h. Hosts may disappear at any time, so the
/// queue holds weak pointers. The caller gets a shared pointer and passes the weight each time.
class edf_scheduler {
 public:
  explicit edf_scheduler(const std::vector<std::uint32_t>& weights) {
    for (std::uint32_t i = 0; i < weights.size(); ++i) {
      hosts_.push_back(std::make_shared<host>(host{i, static_cast<double>(weights[i])}));
      add(hosts_.back()->weight, hosts_.back());
    }
  }

  std::uint32_t next() {
    return pick_and_add([](const host& picked) { return picked.weight; })->index;
  }

 private:
  struct host {
    std::uint32_t index;
    double weight;
  };
  struct entry {
    double deadline;
    std::uint64_t order;  // breaks ties between equal deadlines
    std::weak_ptr<host> entry_host;

    friend bool operator<(const entry& a, const entry& b) {
      return a.deadline > b.deadline || (a.deadline == b.deadline && a.order > b.order);
    }
  };

  std::shared_ptr<host> pick_and_add(const std::function<double(const host&)>& weight_of) {
    while (queue_.top().entry_host.expired()) queue_.pop();
    now_ = queue_.top().deadline;
    std::shared_ptr<host> picked(queue_.top().entry_host);
    queue_.pop();
    add(weight_of(*picked), picked);
    return picked;
  }

  void add(double weight, const std::shared_ptr<host>& added) { queue_.push({now_ + 1 / weight, order_++, added}); }

  std::vector<std::shared_ptr<host>> hosts_;
  std::priority_queue<entry> queue_;
  double now_ = 0;
  std::uint64_t order_ = 0;
};

/// Like gRPC's static_stride_scheduler: one counter for all threads. In each round it skips
/// endpoints below the greatest weight, in proportion to the difference.
class static_stride {
 public:
  explicit static_stride(const std::vector<std::uint32_t>& weights) {
    const double greatest = *std::max_element(weights.begin(), weights.end());
    for (const std::uint32_t weight : weights) {
      weights_.push_back(static_cast<std::uint16_t>(std::max(1.0, weight / greatest * most + 0.5)));
    }
  }

  std::uint32_t next() {
    for (;;) {
      const std::uint64_t turn = turn_.fetch_add(1, std::memory_order_relaxed);
      const std::uint64_t index = turn % weights_.size(), round = turn / weights_.size();
      const std::uint64_t weight = weights_[index];
      if ((weight * round + most / 2 * index) % most < most - weight) continue;
      return static_cast<std::uint32_t>(index);
    }
  }

 private:
  static constexpr std::uint64_t most = std::numeric_limits<std::uint16_t>::max();
  std::vector<std::uint16_t> weights_;
  std::atomic<std::uint64_t> turn_{0};
};

/// Like that of nginx: each choice visits all endpoints.
class smooth_round_robin {
 public:
  explicit smooth_round_robin(const std::vector<std::uint32_t>& weights) {
    for (const std::uint32_t weight : weights) peers_.push_back({weight, 0});
  }

  std::uint32_t next() {
    std::int64_t sum = 0;
    peer* best = nullptr;
    for (peer& each : peers_) {
      each.current += each.weight;
      sum += each.weight;
      if (best == nullptr || each.current > best->current) best = &each;
    }
    best->current -= sum;
    return static_cast<std::uint32_t>(best - peers_.data());
  }

 private:
  struct peer {
    std::int64_t weight, current;
  };
  std::vector<peer> peers_;
};

}  // namespace sdconnect::bench
