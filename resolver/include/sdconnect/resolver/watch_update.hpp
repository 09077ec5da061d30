/// \file
/// Changes in a watched service.
#pragma once

#include "sdconnect/net/boot_clock.hpp"
#include "sdconnect/resolver/service.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace sdconnect {

enum class watch_event_kind : std::uint8_t {
  added,        ///< `after` is new
  removed,      ///< DNS no longer has `before`
  changed,      ///< the same (target, port): `before` and `after`, and flags for what differs
  txt_changed,  ///< the TXT record of an instance has changed
  unknown,      ///< a refresh failed for `reason`; known data are kept
  stale,        ///< refreshes failed until a TTL ended; known data are still kept
  recovered,    ///< after unknown or stale: everything is known again
};
/// "added", "txt changed", ...
[[nodiscard]] std::string_view to_string(watch_event_kind kind) noexcept;

/// Its endpoints and instances are parts of the views before and after the change, which it keeps
/// alive: copy what you keep for long.
struct watch_event {
  watch_event_kind kind{};
  std::shared_ptr<const endpoint> before = {}, after = {};  ///< null if there is none
  bool priority_changed = false;
  bool weight_changed = false;
  bool addresses_changed = false;  ///< compared as sets: another order is no change
  bool instances_changed = false;
  std::shared_ptr<const service_instance> instance_before = {}, instance_after = {};
  error_code reason = {};
};

struct watch_update {
  std::vector<watch_event> events;      ///< differences from the view of the previous update
  std::shared_ptr<const service> view;  ///< never null; as it was when it last changed, TTLs included
  error_code status;                    ///< the error that async_resolve() would return with the view
  boot_clock::time_point time{};
  std::uint32_t merged = 1;  ///< number of changes summed up in `events`; more than 1 if they were not fetched in time
};

}  // namespace sdconnect
