/// \file
/// `sd-connect resolve`: lists every endpoint of a service.

#include "sd-connect/commands/resolve.hpp"

#include "net/base/printable.hpp"
#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/json_output.hpp"
#include "sd-connect/commands/listing.hpp"
#include "sd-connect/explain/failures.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "text/names.hpp"
#include "text/table.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace sdconnect::cli {
namespace {

constexpr column priority_column{.title = "PRIORITY", .field = "priority", .right_aligned = true};
constexpr column weight_column{.title = "WEIGHT", .field = "weight", .right_aligned = true};
constexpr column share_column{.title = "SHARE", .field = "share", .right_aligned = true};
constexpr column target_column{.title = "TARGET", .field = "target"};
constexpr column port_column{.title = "PORT", .field = "port", .right_aligned = true};
constexpr column addresses_column{.title = "ADDRESSES", .field = "addresses"};
constexpr column instances_column{.title = "INSTANCES", .field = "instances"};

/// The instances of the endpoint; with `labels` those of the asked type by their first label.
std::string instances_cell(const service& found, const endpoint& e, bool labels) {
  if (!labels) return joined(e.instances);
  std::string cell;
  for (const name& instance : e.instances) {
    const bool is_of_query = instance == found.query || instance.parent() == found.query;
    if (!cell.empty()) cell += ' ';
    cell += is_of_query ? label_to_text(instance.first_label()) : display(instance);
  }
  return cell;
}

table endpoints_rows(const service& found, const std::vector<double>& shares, bool labels) {
  table rows({priority_column, weight_column, share_column, target_column, port_column, ttl_column, addresses_column,
              instances_column});
  for (std::size_t i = 0; i < found.endpoints.size(); ++i) {
    const endpoint& e = found.endpoints[i];
    rows.add(
        {std::to_string(e.priority), std::to_string(e.weight), percentage(shares[i]), display(e.target),
         std::to_string(e.port), fmt::format("{}s", e.ttl.count()),
         e.unresolved ? "(" + e.unresolved.message() + ")" : joined(e.addresses), instances_cell(found, e, labels)},
        e.unresolved    ? table::emphasis::bad
        : shares[i] > 0 ? table::emphasis::none
                        : table::emphasis::faint);
  }
  return rows;
}

/// On a narrow terminal labels are enough: the table of the instances below has their names.
std::string endpoints_table(const service& found, const std::vector<double>& shares, const appearance& look) {
  table rows = endpoints_rows(found, shares, false);
  if (rows.width() > look.width) rows = endpoints_rows(found, shares, true);
  return rows.aligned(look.is_colored, look.width);
}

std::string instances_table(const service& found, const appearance& look) {
  table rows({{.title = "INSTANCE", .field = "instance"}, ttl_column, {.title = "TXT", .field = "txt"}});
  for (const service_instance& instance : found.instances) {
    std::string txt = display(instance.txt);
    if (instance.status) txt = "(" + instance.status.message() + ")" + (txt.empty() ? "" : " ") + txt;
    // RFC 6763 §4.2 allows this; the user should notice it.
    const std::string mark = instance.foreign ? " (other domain)" : "";
    rows.add({display(instance.fullname) + mark, fmt::format("{}s", instance.ttl.count()), txt},
             instance.status ? table::emphasis::bad : table::emphasis::none);
  }
  return rows.aligned(look.is_colored, look.width);
}

std::string endpoints_csv(const service& found, const std::vector<double>& shares) {
  table rows({target_column, port_column, priority_column, weight_column, share_column, addresses_column, ttl_column,
              instances_column});
  for (std::size_t i = 0; i < found.endpoints.size(); ++i) {
    const endpoint& e = found.endpoints[i];
    rows.add({display(e.target), std::to_string(e.port), std::to_string(e.priority), std::to_string(e.weight),
              fraction(shares[i]), joined(e.addresses), std::to_string(e.ttl.count()), joined(e.instances)});
  }
  return rows.csv();
}

}  // namespace

bool is_an_answer(error_code ec) {
  return !ec || ec == condition::absent || ec == errc::no_usable_endpoint || ec == errc::out_of_domain;
}

std::string service_listing(const options& opts, const service& found, const appearance& look, const failure* why) {
  const std::vector<double> shares = first_choice_shares(found.endpoints, opts.policy);
  switch (opts.format) {
    case output_format::json:
      return service_json(opts.query ? opts.query->qname : found.query, found, opts.policy, why);
    case output_format::csv: return endpoints_csv(found, shares);
    case output_format::brief: {
      std::string lines;
      for (const endpoint& e : found.endpoints) lines += display(e) + '\n';
      return lines;
    }
    case output_format::table: break;
  }
  std::string text = endpoints_table(found, shares, look);
  if (!found.instances.empty()) text += '\n' + instances_table(found, look);
  return text;
}

exit_code run_resolve(const options& opts) {
  if (opts.wait != waiting::none) return wait_in_dns(opts);
  // Not in the context, whose cache would stay until the end.
  const command_context::resolved out = command_context(opts).resolve();
  const appearance look = appearance_of(opts.color, STDOUT_FILENO);
  if (!out.error) {
    print(service_listing(opts, out.found, look));
    return exit_code::done;
  }
  const failure why = resolve_failure(opts, out.error, out.found);
  if (!is_an_answer(out.error)) throw failure(why);
  print(service_listing(opts, out.found, look, &why));
  throw told_failure(why);
}

}  // namespace sdconnect::cli
