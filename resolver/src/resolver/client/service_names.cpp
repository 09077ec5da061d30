#include "sdconnect/resolver/resolver.hpp"
#include "sdconnect/resolver/service_watcher.hpp"

namespace sdconnect {

std::string_view to_string(domain_enumeration kind) noexcept {
  switch (kind) {
    case domain_enumeration::browse: return "browse";
    case domain_enumeration::default_browse: return "default browse";
    case domain_enumeration::registration: return "registration";
    case domain_enumeration::default_registration: return "default registration";
    case domain_enumeration::legacy_browse: return "legacy browse";
  }
  return "unknown";
}

std::string_view to_string(service_kind kind) noexcept {
  switch (kind) {
    case service_kind::none: return "none";
    case service_kind::type: return "type";
    case service_kind::instance: return "instance";
    case service_kind::address: return "address";
  }
  return "unknown";
}

std::string_view to_string(watch_event_kind kind) noexcept {
  switch (kind) {
    case watch_event_kind::added: return "added";
    case watch_event_kind::removed: return "removed";
    case watch_event_kind::changed: return "changed";
    case watch_event_kind::txt_changed: return "txt changed";
    case watch_event_kind::unknown: return "unknown";
    case watch_event_kind::stale: return "stale";
    case watch_event_kind::recovered: return "recovered";
  }
  return "no such event";
}

}  // namespace sdconnect
