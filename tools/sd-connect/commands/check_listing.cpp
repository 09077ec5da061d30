#include "sd-connect/commands/check.hpp"
#include "sd-connect/commands/json_output.hpp"
#include "text/names.hpp"
#include "text/table.hpp"

#include <fmt/format.h>

namespace sdconnect::cli {
namespace {

double milliseconds(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000; }

/// The column that each kind of check adds to the time; none for a connection.
std::optional<column> seen_column(probe_kind kind) {
  switch (kind) {
    case probe_kind::tcp: return std::nullopt;
    case probe_kind::http: return column{.title = "STATUS", .field = "http_status", .right_aligned = true};
    case probe_kind::tls: return column{.title = "TLS", .field = "tls_version"};
    case probe_kind::exec: return column{.title = "EXIT", .field = "exit_code", .right_aligned = true};
  }
  return std::nullopt;
}

std::string seen_cell(probe_kind kind, const endpoint_check& c) {
  switch (kind) {
    case probe_kind::tcp: return {};
    case probe_kind::http: return c.http_status ? std::to_string(*c.http_status) : std::string();
    case probe_kind::tls: return c.tls_version;
    case probe_kind::exec: return c.exit_code ? std::to_string(*c.exit_code) : std::string();
  }
  return {};
}

table table_of(output_format format, probe_kind kind, std::span<const endpoint_check> checks) {
  const std::optional<column> seen = seen_column(kind);
  // People read the names first; in CSV a new column comes last.
  const column instances{.title = "INSTANCES", .field = "instances"};
  const bool is_csv = format == output_format::csv;
  std::vector<column> columns{{.title = "TARGET", .field = "target"},
                              {.title = "PORT", .field = "port", .right_aligned = true},
                              {.title = "ADDRESS", .field = "address"},
                              {.title = "OK", .field = "ok"}};
  if (seen) columns.push_back(*seen);
  columns.push_back(
      {.title = "MS", .field = kind == probe_kind::tcp ? "connect_ms" : "check_ms", .right_aligned = true});
  columns.push_back({.title = "ERROR", .field = "error"});
  columns.insert(is_csv ? columns.end() : columns.begin(), instances);
  table rows(std::move(columns));
  for (const endpoint_check& c : checks) {
    const std::string ok = is_csv ? (c.error ? "false" : "true") : (c.error ? "no" : "yes");
    std::vector<std::string> cells{display(c.where.target), std::to_string(c.where.port),
                                   c.address ? c.address->to_text() : "", ok};
    if (seen) cells.push_back(seen_cell(kind, c));
    cells.push_back(fmt::format("{:.1f}", milliseconds(c.elapsed)));
    cells.push_back(c.error ? c.error.message() : "");
    cells.insert(is_csv ? cells.end() : cells.begin(), joined(c.where.instances));
    rows.add(std::move(cells), c.error ? table::emphasis::bad : table::emphasis::good);
  }
  return rows;
}

}  // namespace

std::string checks_listing(output_format format, probe_kind kind, const name& query,
                           std::span<const endpoint_check> checks, const appearance& look, bool names_addresses,
                           const failure* why, bool is_complete) {
  if (format == output_format::json) return check_json(kind, query, checks, is_complete, why);
  if (format == output_format::brief) {
    std::string lines;
    for (const endpoint_check& c : checks) {
      const std::string address = names_addresses && c.address ? " " + c.address->to_text() : "";
      lines += fmt::format("{} {}{}\n", c.error ? "down" : "up", display(c.where), address);
    }
    return lines;
  }
  const table rows = table_of(format, kind, checks);
  return format == output_format::csv ? rows.csv() : rows.aligned(look.is_colored, look.width);
}

}  // namespace sdconnect::cli
