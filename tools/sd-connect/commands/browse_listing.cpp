#include "sd-connect/commands/browse.hpp"
#include "sd-connect/commands/json_output.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "text/names.hpp"
#include "text/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace sdconnect::cli {
namespace {

std::string ttl_text(output_format format, std::chrono::seconds ttl) {
  return fmt::format("{}{}", ttl.count(), format == output_format::csv ? "" : "s");
}

/// Formats rows. The first cell of each row is the output of -o short.
std::string in_form(output_format format, std::vector<column> columns, std::vector<std::vector<std::string>> rows,
                    const appearance& look) {
  if (format == output_format::brief) {
    std::string lines;
    for (const auto& row : rows) lines += row.front() + '\n';
    return lines;
  }
  table all(std::move(columns));
  for (auto& row : rows) all.add(std::move(row));
  return format == output_format::csv ? all.csv() : all.aligned(look.is_colored, look.width);
}

}  // namespace

std::vector<domain_listing> domains_in(std::span<const domain_answer> answers) {
  std::map<name, domain_listing> domains;
  for (const domain_answer& answer : answers) {
    for (const browse_entry& entry : answer.found.entries) {
      const auto [at, is_new] = domains.try_emplace(entry.target, domain_listing{entry.target, {}, entry.ttl});
      if (std::ranges::find(at->second.kinds, answer.kind) == at->second.kinds.end())
        at->second.kinds.push_back(answer.kind);  // two networks may list the same domain
      at->second.ttl = std::min(at->second.ttl, entry.ttl);
    }
  }
  std::vector<domain_listing> listed;
  for (auto& [key, domain] : domains) listed.push_back(std::move(domain));
  return listed;
}

std::string instances_listing(output_format format, const browse_result& found, const appearance& look,
                              const failure* why) {
  if (format == output_format::json) return instances_json(found, why);
  std::vector<std::vector<std::string>> rows;
  for (const browse_entry& entry : found.entries) {
    const std::optional<service_labels> parts = split_service_name(entry.target);
    rows.push_back({display(entry.target), label_to_text(entry.target.first_label()), parts ? display(parts->type) : "",
                    ttl_text(format, entry.ttl)});
    const bool is_elsewhere = is_foreign(entry.target, found.query);
    if (format == output_format::csv) rows.back().push_back(is_elsewhere ? "true" : "false");
    if (format == output_format::table && is_elsewhere) rows.back().front() += " (other domain)";
  }
  std::vector<column> columns{{.title = "INSTANCE", .field = "name"},
                              {.title = "LABEL", .field = "label"},
                              {.title = "TYPE", .field = "type"},
                              ttl_column};
  if (format == output_format::csv) columns.push_back({.title = "FOREIGN", .field = "foreign"});
  return in_form(format, std::move(columns), std::move(rows), look);
}

std::string types_listing(output_format format, const browse_result& found, const appearance& look,
                          const failure* why) {
  if (format == output_format::json) return types_json(found, why);
  std::vector<std::vector<std::string>> rows;
  for (const browse_entry& entry : found.entries) rows.push_back({display(entry.target), ttl_text(format, entry.ttl)});
  return in_form(format, {{.title = "TYPE", .field = "type"}, ttl_column}, std::move(rows), look);
}

std::string domains_listing(output_format format, std::span<const name> zones, std::span<const domain_listing> domains,
                            const appearance& look, const failure* why, bool is_complete) {
  if (format == output_format::json) return domains_json(zones, domains, is_complete, why);
  std::vector<std::vector<std::string>> rows;
  for (const domain_listing& listing : domains) {
    std::string kinds;
    for (const domain_enumeration kind : listing.kinds)
      kinds += (kinds.empty() ? "" : " ") + std::string(label_of(kind));
    rows.push_back({display(listing.domain), kinds, ttl_text(format, listing.ttl)});
  }
  return in_form(format, {{.title = "DOMAIN", .field = "name"}, {.title = "KINDS", .field = "kinds"}, ttl_column},
                 std::move(rows), look);
}

}  // namespace sdconnect::cli
