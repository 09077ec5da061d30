#include "scenarios/event_text.hpp"

#include "scenarios/values.hpp"

#include <fmt/core.h>

namespace sdconnect::scenario {
namespace {

std::string place(const endpoint& e) { return fmt::format("{}:{}", text_of(e.target), e.port); }

std::string change(const watch_event& e) {
  std::string out = "changed " + place(*e.after);
  if (e.priority_changed) out += fmt::format(" priority={}..{}", e.before->priority, e.after->priority);
  if (e.weight_changed) out += fmt::format(" weight={}..{}", e.before->weight, e.after->weight);
  if (e.addresses_changed) out += " addresses";
  if (e.instances_changed) out += " instances";
  return out;
}

}  // namespace

std::string event_text(const watch_event& e) {
  switch (e.kind) {
    case watch_event_kind::added: return "added " + place(*e.after);
    case watch_event_kind::removed: return "removed " + place(*e.before);
    case watch_event_kind::changed: return change(e);
    case watch_event_kind::txt_changed:
      return "txt " + text_of((e.instance_after ? e.instance_after : e.instance_before)->fullname);
    case watch_event_kind::unknown: return "unknown " + text_of(e.reason);
    case watch_event_kind::stale: return "stale " + text_of(e.reason);
    case watch_event_kind::recovered: return "recovered";
  }
  return {};
}

}  // namespace sdconnect::scenario
