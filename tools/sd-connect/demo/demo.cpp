/// \file
/// `sd-connect demo`: shows all features on one machine, with the same client as the other
/// commands. Exit code 1 if a check fails.

#include "sd-connect/demo/demo.hpp"

#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/demo/demo_commands.hpp"
#include "sd-connect/demo/demo_helper.hpp"
#include "text/names.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <span>
#include <unistd.h>
#include <vector>

namespace sdconnect::cli {

namespace {

zone load_zone(const options& opts) {
  auto loaded = zone::load(opts.zone_file, opts.origin);
  if (loaded) return *std::move(loaded);
  const bool lacks_origin = !opts.origin && zone::load(opts.zone_file, name()).has_value();
  throw fail(exit_code_of(loaded.error().code), "zone file not usable", loaded.error().message,
             lacks_origin ? "or name it with --origin" : "");
}

zone built_in_zone(const demo_backends& backends) {
  auto parsed = zone::parse(demo_zone_text(backends.ports()));
  if (!parsed) throw fail(exit_code::internal_bug, "the built-in zone does not parse", parsed.error().message);
  return *std::move(parsed);
}

void introduce(const demo_name_server& server, const demo_backends& backends, bool is_built_in, demo_report& report) {
  report.title("sd-connect demo: a service found, balanced and failed over, on this machine");
  report.line(fmt::format("name server  {}  serves {}, {} records", server.address().to_text(),
                          display(server.served().apex()), server.served().record_count()));
  if (!is_built_in) return;
  const demo_ports ports = backends.ports();
  report.line(fmt::format("host1        127.0.0.11:{}   _v1, priority 0, weight 30", ports.host1));
  report.line(fmt::format("host2        127.0.0.12:{}   _v1, priority 0, weight 10", ports.host2));
  report.line(fmt::format("host100      127.0.0.100:{}  _v1, priority 1: the spare", ports.host100));
  report.line(fmt::format("host3        127.0.0.13:{}   _v2", ports.host3));
}

/// Offers other programs only if they are installed.
void suggest_built_in(const demo_name_server& server, const demo_backends& backends, const background_helper& helping,
                      demo_report& report) {
  const std::string asking = server.asking_command();
  constexpr std::string_view instance = "_v1._theservice._tcp.unilans.net";
  report.command(is_installed("dig") ? fmt::format("dig @127.0.0.1 -p {} {} SRV", server.address().port, instance)
                                     : fmt::format("{} resolve {}", asking, instance));
  report.command(fmt::format("{} get {}", asking, instance));
  report.command(is_installed("curl") ? fmt::format("curl http://127.0.0.11:{}/", backends.ports().host1)
                                      : fmt::format("{} check {}", asking, instance));
  if (is_installed("curl"))
    report.command(fmt::format("curl -x http://127.0.0.1:{} http://{}/", helping.proxy_port(), instance));
  report.command(fmt::format("{} status --status 127.0.0.1:{}", own_command(), helping.status_port()));
}

void suggest_services(const demo_name_server& server, std::span<const name> services, demo_report& report) {
  constexpr std::size_t most = 3;
  for (const name& found : services.first(std::min(most, services.size())))
    report.command(fmt::format("{} resolve {}", server.asking_command(), quoted_for_shell(display(found))));
}

void wait_for_signal() {
  boost::asio::io_context io;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM, SIGHUP);
  signals.async_wait([](error_code, int) {});
  io.run();
}

}  // namespace

exit_code run_demo(const options& opts) {
  const bool is_built_in = opts.zone_file.empty();
  demo_backends backends;
  if (is_built_in) backends.start_built_in();
  demo_name_server server(is_built_in ? built_in_zone(backends) : load_zone(opts));

  demo_report report(appearance_of(opts.color, STDOUT_FILENO));
  introduce(server, backends, is_built_in, report);
  std::vector<name> services;
  std::unique_ptr<background_helper> helping;
  if (is_built_in) {
    show_built_in_zone(opts, server, backends, report);
    helping = show_helper(opts, server, report);
  } else {
    services = show_zone_of_user(opts, server, backends, report);
  }
  report.gap();
  report.line(fmt::format("{} of {} checks ok", report.checks() - report.failed(), report.checks()));
  if (!opts.once) {
    report.heading("To try in another terminal, until Ctrl-C here");
    if (is_built_in) {
      suggest_built_in(server, backends, *helping, report);
    } else {
      suggest_services(server, services, report);
    }
    flush_output();
    wait_for_signal();
    print("\n");
  }
  return report.failed() == 0 ? exit_code::done : static_cast<exit_code>(1);
}

}  // namespace sdconnect::cli
