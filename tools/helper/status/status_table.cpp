#include "helper/status/status_text.hpp"
#include "net/base/printable.hpp"
#include "text/json_parts.hpp"
#include "text/table.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <exception>
#include <iterator>
#include <utility>

namespace sdconnect::helper {
namespace {

namespace json = boost::json;
using cli::table;

// The text is that of a helper, which escapes it; but the port may be somebody else's.
std::string text_of(const json::value& value) {
  const std::string_view text = value.as_string();
  return detail::is_printable(text) ? std::string(text) : detail::escaped(text);
}

std::string text_or(const json::value& value, std::string_view otherwise) {
  return value.is_null() ? std::string(otherwise) : text_of(value);
}

// A domain name without its final dot.
std::string name_of(const json::value& value) {
  std::string text = text_or(value, "");
  if (text.size() > 1 && text.ends_with('.')) text.pop_back();
  return text;
}

std::string count_of(const json::value& value) { return std::to_string(value.to_number<std::uint64_t>()); }

std::string ms_or_dash(const json::value& value) {
  return value.is_null() ? "-" : fmt::format("{:.1f}", value.to_number<double>());
}

// "45 s", "3 min", "2 h", "5 d": the greatest unit of which there are two, or one of seconds.
std::string duration_text(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 172800) return fmt::format("{:.0f} h", seconds / 3600);
  return fmt::format("{:.0f} d", seconds / 86400);
}

std::string octets_text(double octets) {
  constexpr std::string_view prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  std::size_t prefix = 0;
  for (; octets >= 999.5 && prefix + 1 < std::size(prefixes); ++prefix) octets /= 1000;
  return fmt::format("{:.{}f} {}B", octets, prefix > 0 && octets < 99.95 ? 1 : 0, prefixes[prefix]);
}

std::string state_of(const json::object& status) {
  if (status.at("draining").as_bool()) return "draining";
  if (status.at("ready").as_bool()) return "ready";
  return "not ready: " + text_or(status.at("not_ready_because"), "unknown");
}

std::string health_of(const json::object& e) {
  if (e.at("draining").as_bool()) return "draining";
  std::string text = text_of(e.at("health"));
  if (!e.at("reason").is_null()) text += " (" + text_of(e.at("reason")) + ')';
  if (!e.at("for_s").is_null()) text += ' ' + duration_text(e.at("for_s").to_number<double>());
  return text;
}

table::emphasis emphasis_of(const json::object& e) {
  if (e.at("draining").as_bool()) return table::emphasis::faint;
  return e.at("health").as_string() == "down" ? table::emphasis::bad : table::emphasis::none;
}

table listeners_of(const json::array& listeners) {
  table rows({{"LISTENER", "listener"},
              {"KIND", "kind"},
              {"SERVICE", "service"},
              {"CLIENTS", "clients", true},
              {"ACCEPTED", "accepted", true},
              {"REFUSED", "refused", true}});
  for (const json::value& item : listeners) {
    const json::object& l = item.as_object();
    rows.add({text_of(l.at("address")), text_of(l.at("kind")), name_of(l.at("service")), count_of(l.at("clients")),
              count_of(l.at("accepted")), count_of(l.at("refused"))});
  }
  return rows;
}

table endpoints_of(const json::array& endpoints) {
  table rows({{"PRI", "priority", true},
              {"WEIGHT", "weight", true},
              {"ENDPOINT", "endpoint"},
              {"HEALTH", "health"},
              {"SHARE", "share", true},
              {"ACTUAL", "actual_share", true},
              {"SIGMA", "sigma", true},
              {"PICKS", "picks", true},
              {"OPEN", "in_flight", true},
              {"P50 ms", "connect_p50_ms", true},
              {"P99 ms", "connect_p99_ms", true},
              {"UP", "octets_up", true},
              {"DOWN", "octets_down", true}});
  for (const json::value& item : endpoints) {
    const json::object& e = item.as_object();
    rows.add(
        {count_of(e.at("priority")), count_of(e.at("weight")), name_of(e.at("target")) + ':' + count_of(e.at("port")),
         health_of(e), cli::percentage(e.at("share").to_number<double>()),
         cli::percentage(e.at("actual_share").to_number<double>()),
         fmt::format("{:+.1f}", e.at("sigma").to_number<double>()), count_of(e.at("picks")),
         count_of(e.at("in_flight")), ms_or_dash(e.at("connect_p50_ms")), ms_or_dash(e.at("connect_p99_ms")),
         octets_text(e.at("octets_up").to_number<double>()), octets_text(e.at("octets_down").to_number<double>())},
        emphasis_of(e));
  }
  return rows;
}

table name_servers_of(const json::array& servers) {
  table rows({{"NAME SERVER", "server"},
              {"SENT", "sent", true},
              {"VALID", "valid", true},
              {"TIMEOUTS", "timeouts", true},
              {"REFUSED", "refused", true},
              {"MISMATCHED", "mismatched", true}});
  for (const json::value& item : servers) {
    const json::object& s = item.as_object();
    rows.add({text_of(s.at("server")), count_of(s.at("sent")), count_of(s.at("valid")), count_of(s.at("timeouts")),
              count_of(s.at("refused")), count_of(s.at("mismatched"))});
  }
  return rows;
}

std::string service_heading(const json::object& service) {
  std::string line = name_of(service.at("query"));
  if (!service.at("ttl_left_s").is_null()) {
    line += fmt::format(", TTL {} s", service.at("ttl_left_s").to_number<std::int64_t>());
  }
  if (service.at("stale").as_bool()) line += ", stale";
  if (!service.at("problem").is_null()) line += ": " + text_of(service.at("problem"));
  return line + '\n';
}

std::string tables_of(const json::object& status, bool is_colored, std::size_t width) {
  std::string text = fmt::format("sd-connect {}, up {}, {}\n", text_of(status.at("version")),
                                 duration_text(status.at("uptime_s").to_number<double>()), state_of(status));
  const auto add = [&](const json::array& rows, table (*made)(const json::array&)) {
    if (!rows.empty()) text += made(rows).aligned(is_colored, width);
  };
  text += '\n';
  add(status.at("listeners").as_array(), listeners_of);
  for (const json::value& item : status.at("services").as_array()) {
    text += '\n' + service_heading(item.as_object());
    add(item.as_object().at("endpoints").as_array(), endpoints_of);
  }
  text += '\n';
  add(status.at("name_servers").as_array(), name_servers_of);
  return text;
}

error_code bad_message() { return make_error_code(boost::system::errc::bad_message); }

}  // namespace

result<std::string> status_table(std::string_view text, bool is_colored, std::size_t width) {
  error_code ec;
  const json::value parsed = json::parse(text, ec);
  if (ec) return ec;
  try {
    if (parsed.at("schema").to_number<int>() != cli::json_schema) return bad_message();
    return tables_of(parsed.as_object(), is_colored, width);
  } catch (const std::exception&) {  // a member is missing, or of another type
    return bad_message();
  }
}

}  // namespace sdconnect::helper
