/// \file
/// A balancer with its own clock; tests name its endpoints by the first label of their names.
#pragma once

#include "sdconnect/balancer/balancer.hpp"
#include "unit/balancer/endpoints.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect::test {

using namespace std::chrono_literals;

/// `addresses`: the last octets of addresses in 192.0.2.0/24.
inline endpoint host(const std::string& label, std::uint32_t weight = 1, std::uint16_t priority = 0,
                     std::uint16_t port = 80, const std::vector<int>& addresses = {}) {
  endpoint e = make_endpoint(label + ".example.", weight, priority, port);
  for (const int last : addresses) {
    e.addresses.push_back(ip_address::v4({192, 0, 2, static_cast<std::uint8_t>(last)}));
  }
  return e;
}

struct balancer_scene {
  using time_point = balancer::time_point;

  static balancer_options reproducible(balancer_options options) {
    if (!options.seed) options.seed = 2782;
    return options;
  }

  explicit balancer_scene(const balancer_options& options, const std::vector<endpoint>& endpoints = {})
      : subject(reproducible(options), now) {
    subject.update(endpoints, now);
  }

  void update(const std::vector<endpoint>& endpoints) { subject.update(endpoints, now); }

  void wait(std::chrono::milliseconds time) {
    now += time;
    subject.advance(now);
  }

  /// Reports an attempt that ends at once.
  void report(std::string_view label, outcome_kind outcome) {
    now += 1us;
    subject.report(*find(label).record, outcome, 0us, now, now);
  }
  void fail(std::string_view label) { report(label, outcome_kind::refused); }

  /// Takes it out of use for about 30 s.
  void eject(std::string_view label) {
    for (int i = 0; i < 3; ++i) {
      fail(label);
      if (i < 2) wait_until(label, health_state::trial);
    }
  }
  void wait_until(std::string_view label, health_state state) {
    for (int i = 0; i < 1000; ++i) {
      if (health_of(label).state == state) return;
      wait(100ms);
    }
    throw std::logic_error("never in that state");
  }

  const balanced_endpoint& find(std::string_view label) const {
    const auto set = subject.endpoints();
    for (const balanced_endpoint& e : *set) {
      if (e.where.target.first_label() == label) return e;  // the balancer keeps the set
    }
    throw std::logic_error("no such endpoint");
  }
  endpoint_status status_of(std::string_view label) const {
    for (const endpoint_status& s : subject.status()) {
      if (s.where.target.first_label() == label) return s;
    }
    throw std::logic_error("no such endpoint");
  }
  endpoint_health health_of(std::string_view label) const { return status_of(label).health; }

  std::string pick() {
    const balanced_endpoint* const picked = subject.pick();
    return picked == nullptr ? "" : std::string(picked->where.target.first_label());
  }
  std::string acquired() {
    const std::optional<endpoint_use> held = subject.acquire(now);
    return held ? std::string(held->where().target.first_label()) : "";
  }
  /// Returns how often each endpoint is picked, in the order of the set.
  std::vector<std::uint64_t> count_picks(int picks) {
    const auto set = subject.endpoints();
    std::vector<std::uint64_t> counts(set->size());
    for (int i = 0; i < picks; ++i) ++counts[static_cast<std::size_t>(subject.pick() - set->data())];
    return counts;
  }
  /// Returns all endpoints that a hundred picks choose, sorted by name.
  std::vector<std::string> seen() {
    std::vector<std::string> names;
    for (int i = 0; i < 100; ++i) names.push_back(pick());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  static std::vector<std::string> names_of(const attempt_plan& plan) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < plan.order.size(); ++i) names.emplace_back(plan[i].where.target.first_label());
    return names;
  }

  time_point now = time_point{} + 1000s;
  balancer subject;
};

using labels = std::vector<std::string>;

}  // namespace sdconnect::test
