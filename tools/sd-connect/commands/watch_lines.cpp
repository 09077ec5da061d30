#include "sd-connect/commands/json_output.hpp"
#include "sd-connect/commands/watch.hpp"
#include "text/names.hpp"
#include "text/table.hpp"

#include <fmt/format.h>

#include <vector>

namespace sdconnect::cli {
namespace {

/// Returns the endpoint that an event is about, or nullptr if it is not about an endpoint.
const endpoint* endpoint_of(const watch_event& event) {
  if (event.after) return &*event.after;
  return event.before ? &*event.before : nullptr;
}

std::string subject_of(const watch_event& event, const service& view) {
  if (const endpoint* e = endpoint_of(event)) return display(*e);
  return display(event.instance_after ? event.instance_after->fullname : view.query);
}

std::string joined_addresses(const endpoint& e) {
  if (!e.addresses.empty()) return joined(e.addresses);
  return e.unresolved ? "(" + e.unresolved.message() + ")" : "(no address)";
}

std::string txt_of(const service_instance& instance) {
  const std::string text = display(instance.txt);
  return text.empty() ? "(empty)" : text;
}

/// "weight 10 -> 20, addresses 192.0.2.1 -> 192.0.2.1 192.0.2.2".
std::string differences_of(const watch_event& event) {
  std::string all;
  const auto add = [&all](std::string_view what, const std::string& before, const std::string& after) {
    all += fmt::format("{}{} {} -> {}", all.empty() ? "" : ", ", what, before, after);
  };
  const endpoint& before = *event.before;
  const endpoint& after = *event.after;
  if (event.priority_changed) add("priority", std::to_string(before.priority), std::to_string(after.priority));
  if (event.weight_changed) add("weight", std::to_string(before.weight), std::to_string(after.weight));
  if (event.addresses_changed) add("addresses", joined_addresses(before), joined_addresses(after));
  if (event.instances_changed) add("instances", joined(before.instances), joined(after.instances));
  return all;
}

std::string details_of(const watch_event& event) {
  switch (event.kind) {
    case watch_event_kind::added:
      return fmt::format("priority {} weight {} {}", event.after->priority, event.after->weight,
                         joined_addresses(*event.after));
    case watch_event_kind::removed:
      return fmt::format("priority {} weight {}", event.before->priority, event.before->weight);
    case watch_event_kind::changed: return differences_of(event);
    case watch_event_kind::txt_changed:
      return fmt::format("TXT {} -> {}", txt_of(*event.instance_before), txt_of(*event.instance_after));
    case watch_event_kind::unknown: return "unknown: " + event.reason.message();
    case watch_event_kind::stale: return "stale: " + event.reason.message();
    case watch_event_kind::recovered: return "known again";
  }
  return {};
}

std::string_view color_of(watch_event_kind kind) noexcept {
  switch (kind) {
    case watch_event_kind::added:
    case watch_event_kind::recovered: return "\x1b[32m";
    case watch_event_kind::removed:
    case watch_event_kind::unknown:
    case watch_event_kind::stale: return "\x1b[31m";
    case watch_event_kind::changed:
    case watch_event_kind::txt_changed: return "\x1b[33m";
  }
  return {};
}

std::string painted(std::string_view color, const std::string& line) {
  return fmt::format("{}{}\x1b[0m\n", color, line);
}

table csv_table() {
  return table({{.title = {}, .field = "time"},
                {.title = {}, .field = "event"},
                {.title = {}, .field = "target"},
                {.title = {}, .field = "port"},
                {.title = {}, .field = "priority"},
                {.title = {}, .field = "weight"},
                {.title = {}, .field = "addresses"},
                {.title = {}, .field = "ttl_s"},
                {.title = {}, .field = "instances"},
                {.title = {}, .field = "txt"},
                {.title = {}, .field = "reason"}});
}

std::string csv_record(const watch_event& event, std::string_view time) {
  std::vector<std::string> cells{std::string(time), std::string(event_name(event.kind))};
  if (const endpoint* e = endpoint_of(event)) {
    cells.insert(cells.end(),
                 {display(e->target), std::to_string(e->port), std::to_string(e->priority), std::to_string(e->weight),
                  joined(e->addresses), std::to_string(e->ttl.count()), joined(e->instances), "", ""});
  } else if (event.instance_after) {
    const service_instance& instance = *event.instance_after;
    cells.insert(cells.end(), {"", "", "", "", "", std::to_string(instance.ttl.count()), display(instance.fullname),
                               display(instance.txt), ""});
  } else {
    cells.insert(cells.end(), {"", "", "", "", "", "", "", "", event.reason ? event.reason.message() : ""});
  }
  table record = csv_table();
  record.add(std::move(cells));
  return record.csv().substr(changes_header(output_format::csv).size());
}

}  // namespace

char sign_of(watch_event_kind kind) noexcept {
  switch (kind) {
    case watch_event_kind::added: return '+';
    case watch_event_kind::removed: return '-';
    case watch_event_kind::changed:
    case watch_event_kind::txt_changed: return '~';
    case watch_event_kind::unknown:
    case watch_event_kind::stale: return '!';
    case watch_event_kind::recovered: return '=';
  }
  return '?';
}

std::string_view event_name(watch_event_kind kind) noexcept {
  switch (kind) {
    case watch_event_kind::added: return "added";
    case watch_event_kind::removed: return "removed";
    case watch_event_kind::changed: return "changed";
    case watch_event_kind::txt_changed: return "txt_changed";
    case watch_event_kind::unknown: return "unknown";
    case watch_event_kind::stale: return "stale";
    case watch_event_kind::recovered: return "recovered";
  }
  return {};
}

std::string changes_header(output_format format) {
  return format == output_format::csv ? csv_table().csv() : std::string();
}

std::string change_line(output_format format, const watch_event& event, const service& view, std::string_view time,
                        bool colored) {
  if (format == output_format::json) return change_json(event, view, time);
  if (format == output_format::csv) return csv_record(event, time);
  std::string line = fmt::format("{} ", sign_of(event.kind));
  if (format == output_format::table) line += std::string(time) + ' ';
  line += subject_of(event, view);
  if (format == output_format::table) line += ' ' + details_of(event);
  return colored ? painted(color_of(event.kind), line) : line + '\n';
}

}  // namespace sdconnect::cli
