#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/demo/demo.hpp"
#include "sd-connect/demo/demo_fetch.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "text/names.hpp"

#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace sdconnect::cli {

namespace {

using started_set = std::set<std::pair<ip_address, std::uint16_t>>;

std::vector<name> listed_types(const options& opts, const name& zone_name) {
  command_context with(opts);
  browse_result found;
  const auto owner = type_enumeration_name(zone_name);
  if (!owner) return {};
  with.find().async_browse(*owner, opts.timeout, [&](error_code, browse_result result) { found = std::move(result); });
  with.run();
  std::vector<name> types;
  for (const browse_entry& entry : found.entries) types.push_back(entry.target);
  return types;
}

void start_backends(const service& found, demo_backends& backends, started_set& started, demo_report& report) {
  for (const endpoint& e : found.endpoints) {
    for (const ip_address& address : e.addresses) {
      if (!address.is_loopback() || !started.emplace(address, e.port).second) continue;
      try {
        backends.start(display(e.target), address.to_text(), e.port);
        report.line(fmt::format("a backend of ours now answers for {} ({})", display(e), address.to_text()));
      } catch (const boost::system::system_error& why) {
        report.line(
            fmt::format("no backend of ours for {} ({}): {}", display(e), address.to_text(), why.code().message()));
      }
    }
  }
}

bool is_on_loopback(const service& found) {
  for (const endpoint& e : found.endpoints) {
    for (const ip_address& address : e.addresses) {
      if (!address.is_loopback()) return false;
    }
  }
  return true;
}

void show_type(const options& opts, demo_backends& backends, started_set& started, demo_report& report) {
  report.heading(display(opts.query->qname));
  command_context with(opts);
  const auto [ec, found] = with.resolve();
  report.instances(found);
  const std::size_t count = found.endpoints.size();
  report.check(!ec, ec ? ec.message() : fmt::format("{} endpoint{}", count, count == 1 ? "" : "s"));
  if (ec) return;

  report.gap();
  report.line(fmt::format("policy {}, {}", to_string(opts.policy),
                          report.picks(found, opts, demo_pick_count, with.random()).text));
  report.gap();
  const auto labels = split_service_name(opts.query->qname);
  if (labels && labels->udp) return;
  start_backends(found, backends, started, report);
  if (!is_on_loopback(found)) {
    // The demonstration must not send traffic to other machines.
    report.line("not connected to: some of the endpoints are not on this machine");
    return;
  }
  const fetched got = fetch(with, opts);
  report.attempts(got.made);
  report.page(got.page);
  report.check(!got.fault, got.fault ? got.fault->what() : fmt::format("{} answers", display(got.made.where)));
}

/// Types with PTR records, and instances of types without.
std::vector<name> services_in(const zone& served) {
  std::vector<name> services;
  const auto add = [&services](const name& service_name) {
    const bool is_pattern = service_name.first_label() == "*";
    if (!is_pattern && std::ranges::find(services, service_name) == services.end()) services.push_back(service_name);
  };
  for (const name& owner : served.owners(rr_type::ptr)) {
    // Subtypes (RFC 6763 §7.1) and the meta query (§9) have further labels in front.
    const auto labels = split_service_name(owner);
    if (labels && labels->type == owner) add(owner);
  }
  const std::size_t types = services.size();
  for (const name& owner : served.owners(rr_type::srv)) {
    const auto labels = split_service_name(owner);
    const auto end = services.begin() + static_cast<std::ptrdiff_t>(types);
    if (labels && std::find(services.begin(), end, labels->type) == end) add(owner);
  }
  return services;
}

}  // namespace

std::vector<name> show_zone_of_user(const options& opts, const demo_name_server& server, demo_backends& backends,
                                    demo_report& report) {
  const name& apex = server.served().apex();
  std::vector<name> services = listed_types(server.asking(opts, apex), apex);
  const bool are_listed = !services.empty();
  for (const name& found : services_in(server.served())) {
    if (std::ranges::find(services, found) == services.end()) services.push_back(found);
  }
  report.check(!services.empty(), fmt::format("{} service{}", services.size(), services.size() == 1 ? "" : "s"));
  if (services.empty()) {
    report.paragraph("The file has no SRV record of a service, such as: _http._tcp SRV 0 0 8080 host1");
  } else if (!are_listed) {
    report.paragraph(
        "Found in the file. Clients cannot list them: _services._dns-sd._udp has no PTR records (RFC 6763 section 9).");
  }
  started_set started;
  for (const name& found : services) show_type(server.asking(opts, found), backends, started, report);
  return services;
}

}  // namespace sdconnect::cli
