/// \file
/// State that the copies of a connector share: services, their health, and the limits that hold for
/// all of them. No sockets, no clock.
#pragma once

#include "connect/machine/core_options.hpp"
#include "connect/machine/live_service.hpp"
#include "connect/race/connect_limits.hpp"
#include "sdconnect/net/random.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// The parts of a query that decide which endpoints it leads to, and which records are queried for
/// them.
struct service_identity {
  name qname;
  std::optional<std::string> version;
  std::optional<std::string> instance;
  std::optional<std::string> subtype;
  std::vector<std::pair<std::string, std::optional<std::string>>> txt;
  std::optional<std::uint16_t> default_port;
  bool only_addresses = false;
  bool same_domain = false;
  std::optional<name> allowed_domain;
  bool require_authenticated = false;
  bool want_ipv4 = true;
  bool want_ipv6 = true;
  bool want_txt = false;

  explicit service_identity(const service_query& query);
  friend std::weak_ordering operator<=>(const service_identity&, const service_identity&) = default;
};

/// Bounded: drops the service that was unused the longest, but none that another object holds. Not
/// thread safe.
class connector_core {
 public:
  /// `router` must outlive it. Calls `on_news` when take_news() has something to do, but not inside
  /// a call of this object.
  connector_core(lookup_router& router, const core_options& with, random_engine random,
                 std::chrono::steady_clock::time_point now, std::function<void()> on_news);

  /// Finds or creates the service. If `network_changes` differs from the last call, forgets what
  /// was learned about endpoints.
  [[nodiscard]] std::shared_ptr<live_service> serve(const service_query& query, const connect_time& now,
                                                    std::uint64_t network_changes);
  /// Updates balancers, and notifies the connects under way.
  void take_news(const connect_time& now);
  /// Notifies the connects under way, and drops all services.
  void close(const connect_time& now);
  /// Forgets what was learned about all endpoints and addresses.
  void reset_health(std::chrono::steady_clock::time_point now);

  template <class Function>
  void for_each(Function&& call) const {
    for (const auto& [identity, kept] : entries_) call(identity, *kept.service);
  }

  const core_options options;
  connect_limits limits;

 private:
  struct entry {
    std::shared_ptr<live_service> service;
    std::uint64_t number = 0;
    boot_clock::time_point used;
  };

  [[nodiscard]] service_query completed(service_query query) const;
  void make_room();

  lookup_router& router_;
  random_engine random_;
  std::function<void()> on_news_;
  std::map<service_identity, entry> entries_;
  std::unordered_map<std::uint64_t, std::weak_ptr<live_service>> services_;  // by number
  std::vector<std::uint64_t> news_;                                          // numbers of services with news
  std::uint64_t last_number_ = 0;
  std::uint64_t network_changes_ = 0;  // the last value seen
};

}  // namespace sdconnect::detail
