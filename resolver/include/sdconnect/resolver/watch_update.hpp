/// \file
/// What changed in a service that is watched.
#pragma once

#include "sdconnect/net/boot_clock.hpp"
#include "sdconnect/resolver/service.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace sdconnect {

enum class watch_event_kind : std::uint8_t {
  added,        ///< `after` is new
  removed,      ///< `before` is gone from DNS
  changed,      ///< the same (target, port): `before` and `after`, and what differs
  txt_changed,  ///< the TXT record of an instance
  unknown,      ///< a refresh failed for `reason`; what is known stays
  stale,        ///< it failed until a TTL ended; what was known still stays
  recovered,    ///< from unknown or stale: everything is known again
};
/// "added", "txt changed", ...
[[nodiscard]] std::string_view to_string(watch_event_kind kind) noexcept;

struct watch_event {
  watch_event_kind kind{};
  std::optional<endpoint> before = {}, after = {};
  bool priority_changed = false;
  bool weight_changed = false;
  bool addresses_changed = false;  ///< as sets: a rotated answer is no change
  bool instances_changed = false;
  std::optional<service_instance> instance_before = {}, instance_after = {};
  error_code reason = {};
};

struct watch_update {
  std::vector<watch_event> events;      ///< against the view of the last update
  std::shared_ptr<const service> view;  ///< never null; as it was when it last changed, TTLs included
  error_code status;                    ///< what async_resolve would have said of the view
  boot_clock::time_point time{};
  std::uint32_t merged = 1;  ///< changes that `events` sums up; more than 1 when they were not fetched in time
};

}  // namespace sdconnect
