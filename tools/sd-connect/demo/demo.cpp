/// \file
/// `sd-connect demo`: shows all features on one machine, with the same client as the other
/// commands. Exit code 1 if a check fails.

#include "sd-connect/demo/demo.hpp"

#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/commands.hpp"
#include "text/names.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>
#include <unistd.h>

namespace sdconnect::cli {

namespace {

zone load_zone(const std::string& file) {
  auto loaded = zone::load(file);
  if (!loaded) throw fail(exit_code_of(loaded.error().code), "zone file not usable", loaded.error().message);
  return *std::move(loaded);
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

void suggest(const demo_name_server& server, const demo_backends& backends, bool is_built_in, demo_report& report) {
  const server_address address = server.address();
  report.heading("To try in another terminal, until Ctrl-C here");
  if (is_built_in) {
    report.command(fmt::format("dig @127.0.0.1 -p {} _v1._theservice._tcp.unilans.net SRV", address.port));
    report.command(fmt::format("sd-connect --server {} get _v1._theservice._tcp.unilans.net", address.to_text()));
    report.command(fmt::format("curl http://127.0.0.11:{}/", backends.ports().host1));
  } else {
    const std::string apex = display(server.served().apex());
    report.command(fmt::format("dig @127.0.0.1 -p {} _services._dns-sd._udp.{} PTR", address.port, apex));
    report.command(fmt::format("sd-connect --server {} browse -z {}", address.to_text(), apex));
  }
  flush_output();
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
  demo_name_server server(is_built_in ? built_in_zone(backends) : load_zone(opts.zone_file));

  demo_report report(is_colored(opts.color, STDOUT_FILENO));
  introduce(server, backends, is_built_in, report);
  if (is_built_in) {
    show_built_in_zone(opts, server, backends, report);
  } else {
    show_zone_of_user(opts, server, backends, report);
  }
  report.gap();
  report.line(fmt::format("{} of {} checks ok", report.checks() - report.failed(), report.checks()));
  if (!opts.once) {
    suggest(server, backends, is_built_in, report);
    wait_for_signal();
    print("\n");
  }
  return report.failed() == 0 ? exit_code::done : static_cast<exit_code>(1);
}

}  // namespace sdconnect::cli
