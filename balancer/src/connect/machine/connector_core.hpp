/// \file
/// What the copies of a connector share: services, their health, and the limits that hold for all
/// of them. No sockets, no clock.
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

/// What in a query decides which endpoints it leads to, and what is asked for them.
struct service_identity {
  name qname;
  std::optional<std::string> version;
  std::optional<std::string> instance;
  std::optional<std::string> subtype;
  std::vector<std::pair<std::string, std::optional<std::string>>> txt;
  std::optional<std::uint16_t> default_port;
  bool same_domain = false;
  bool require_authenticated = false;
  bool want_ipv4 = true;
  bool want_ipv6 = true;
  bool want_txt = false;

  explicit service_identity(const service_query& query);
  friend std::weak_ordering operator<=>(const service_identity&, const service_identity&) = default;
};

/// Bounded: the longest unused service goes first, but none that somebody else holds. Not thread
/// safe.
class connector_core {
 public:
  /// `router` outlives it. `on_news`: take_news() has something to do; not inside a call of this.
  connector_core(lookup_router& router, const core_options& with, random_engine random,
                 std::chrono::steady_clock::time_point now, std::function<void()> on_news);

  /// Found or made. `network_changes`: another number than the last time forgets what was learned
  /// of endpoints.
  [[nodiscard]] std::shared_ptr<live_service> serve(const service_query& query, const connect_time& now,
                                                    std::uint64_t network_changes);
  /// Brings balancers up to date, and tells those who connect.
  void take_news(const connect_time& now);
  /// Whoever connects is told, and nothing is kept any more.
  void close(const connect_time& now);
  /// Nothing learned of any endpoint or address holds.
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
  std::vector<std::uint64_t> news_;                                          // of these
  std::uint64_t last_number_ = 0;
  std::uint64_t network_changes_ = 0;  // seen
};

}  // namespace sdconnect::detail
