/// \file
/// What a connector knows of each service it was asked for.
#pragma once

#include "connect/service_memory.hpp"
#include "sdconnect/resolver/service.hpp"
#include "sdconnect/resolver/service_query.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect {

/// What in a query decides which endpoints it leads to.
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

  explicit service_identity(const service_query& query);
  friend std::weak_ordering operator<=>(const service_identity&, const service_identity&) = default;
};

struct served_service : service_memory {
  using service_memory::service_memory;

  /// What DNS says now; costs little when that is what it said before. What it did not answer stays as it was: the
  /// endpoints of an instance whose SRV records, and of a target the addresses of a family that is not known this time.
  void update(const service& found, time_point now);
};

/// Bounded; the longest unused goes first, but none that somebody else holds. Not thread safe.
class service_table {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit service_table(std::size_t limit) : limit_(limit) {}

  /// Null when it is not known.
  [[nodiscard]] std::shared_ptr<served_service> find(const service_identity& identity, time_point now);
  /// REQUIRES: find() gave none.
  std::shared_ptr<served_service> add(service_identity identity, const balancer_options& options, time_point now);

  template <class Function>
  void for_each(Function&& call) const {
    for (const auto& [identity, kept] : entries_) call(identity, *kept.service);
  }

 private:
  struct entry {
    std::shared_ptr<served_service> service;
    time_point used;
  };

  void make_room();

  std::size_t limit_;
  std::map<service_identity, entry> entries_;
};

}  // namespace sdconnect
