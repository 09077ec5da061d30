/// \file
/// A balancer as its users call it, for the selection benchmark.
#pragma once

#include "bench/selection/chooser.hpp"
#include "sdconnect/balancer/balancer.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace sdconnect::bench {

class our_set {
 public:
  explicit our_set(std::span<const endpoint> endpoints, selection_policy policy = selection_policy::rfc2782);

  [[nodiscard]] balancer& operator*() noexcept { return balancer_; }
  [[nodiscard]] std::size_t index_of(const balanced_endpoint* picked) const noexcept { return picked - set_->data(); }

  /// Takes one endpoint out of use, or brings it back; each call publishes a snapshot.
  void flip();

 private:
  balancer balancer_;
  std::shared_ptr<const endpoint_set> set_;
  bool is_up_ = true;
};

/// Any number of threads may share one.
[[nodiscard]] std::unique_ptr<chooser> make_our_chooser(std::shared_ptr<our_set> set);

/// Prints the cost of the policies that use a key or loads, for information.
void print_other_policies(std::span<const endpoint> endpoints, std::size_t rounds);

}  // namespace sdconnect::bench
