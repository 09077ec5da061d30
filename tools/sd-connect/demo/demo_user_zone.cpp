#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/demo/demo.hpp"
#include "sd-connect/demo/demo_fetch.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "text/names.hpp"

#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <set>
#include <utility>

namespace sdconnect::cli {

namespace {

using started_set = std::set<std::pair<ip_address, std::uint16_t>>;

browse_result service_types(const options& opts, const name& zone_name) {
  command_context with(opts);
  browse_result found;
  const auto owner = type_enumeration_name(zone_name);
  if (!owner) return found;
  with.find().async_browse(*owner, opts.timeout, [&](error_code, browse_result result) { found = std::move(result); });
  with.run();
  return found;
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

}  // namespace

void show_zone_of_user(const options& opts, const demo_name_server& server, demo_backends& backends,
                       demo_report& report) {
  const name& apex = server.served().apex();
  const options base = server.asking(opts, fmt::format("_services._dns-sd._udp.{}", apex.to_text()));
  const browse_result types = service_types(base, apex);
  report.check(!types.entries.empty(),
               fmt::format("{} service types below _services._dns-sd._udp", types.entries.size()));
  if (types.entries.empty()) {
    report.paragraph("Without PTR records there (RFC 6763 section 9) types cannot be listed, only asked for.");
  }
  started_set started;
  for (const browse_entry& entry : types.entries) {
    show_type(server.asking(opts, entry.target.to_text()), backends, started, report);
  }
}

}  // namespace sdconnect::cli
