#include "sd-connect/commands/json_output.hpp"
#include "sd-connect/commands/watch.hpp"
#include "text/json_parts.hpp"

namespace sdconnect::cli {
namespace {

void append(json::object& to, json::object from) {
  for (auto& [key, value] : from) to[key] = std::move(value);
}

/// Contains only the members that changed.
json::object state_before(const watch_event& event) {
  json::object before;
  if (event.priority_changed) before["priority"] = event.before->priority;
  if (event.weight_changed) before["weight"] = event.before->weight;
  if (event.addresses_changed) before["addresses"] = addresses_of(event.before->addresses);
  if (event.instances_changed) before["instances"] = names_of(event.before->instances);
  return before;
}

}  // namespace

// Omits "share": it depends on all endpoints, so it would become wrong without a line that says so.
std::string change_json(const watch_event& event, const service& view, std::string_view time) {
  json::object line{
      {"schema", json_schema}, {"event", event_name(event.kind)}, {"time", time}, {"query", view.query.to_text()}};
  switch (event.kind) {
    case watch_event_kind::added: append(line, endpoint_of(*event.after)); break;
    case watch_event_kind::removed: append(line, endpoint_of(*event.before)); break;
    case watch_event_kind::changed:
      append(line, endpoint_of(*event.after));
      line["before"] = state_before(event);
      break;
    case watch_event_kind::txt_changed:
      append(line, instance_of(*event.instance_after));
      line["before"] = json::object{{"txt", pairs_of(event.instance_before->txt)}};
      break;
    case watch_event_kind::unknown:
    case watch_event_kind::stale: line["reason"] = event.reason.message(); break;
    case watch_event_kind::recovered: break;
  }
  line["complete"] = view.complete;
  line["stale"] = view.stale;
  line["authenticated"] = view.authenticated;
  return line_of(line);
}

}  // namespace sdconnect::cli
