#include "program/report.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/demo/demo.hpp"
#include "sd-connect/demo/demo_fetch.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "text/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sdconnect::cli {

namespace {

constexpr std::string_view service_type = "_theService._tcp.unilans.net";
constexpr std::string_view version_1 = "_v1._theservice._tcp.unilans.net";
// With host1 down, each fetch tries it first with probability 3/4: twenty fetches without any
// failover have probability 10^-12.
constexpr int fetch_count = 20;

void show_walk(const options& opts, const std::string& asking, demo_report& report) {
  report.heading("1. What a client asks, and what it is told");
  report.command(fmt::format("{} resolve {}", asking, service_type));
  report.gap();
  command_context with(opts);
  const auto [ec, found] = with.resolve();
  report.queries(found.queries);
  report.gap();
  report.instances(found);
  report.gap();
  report.check(!ec && found.instances.size() == 2 && found.endpoints.size() == 4, "two instances with four endpoints");
}

void show_shares(const options& opts, const std::string& asking, demo_report& report) {
  report.heading("2. 10,000 choices among the endpoints of one instance");
  report.command(fmt::format("{} pick {} -n {}", asking, version_1, demo_pick_count));
  report.gap();
  command_context with(opts);
  const auto [ec, found] = with.resolve();
  const auto [holds, how] = report.picks(found, opts, demo_pick_count, with.random());
  report.gap();
  report.check(!ec && holds, fmt::format("the shares are those of policy {}: {}", to_string(opts.policy), how));
}

void show_tiers(const options& opts, const std::string& asking, demo_report& report) {
  report.heading("3. A page from each priority tier");
  report.command(fmt::format("{} get {}", asking, version_1));
  report.gap();
  command_context with(opts);
  const auto [ec, found] = with.resolve();
  for (const std::span<const endpoint> tier : tiers_of(found.endpoints)) {
    const std::uint16_t priority = tier.front().priority;
    const fetched got = fetch_of_tier(with, opts, priority);
    report.page(got.page);
    report.gap();
    const bool is_expected =
        priority == 0 ? got.is_page_of("host1 ") || got.is_page_of("host2 ") : got.is_page_of("host100 ");
    report.check(is_expected, fmt::format("priority {}: a page from {}", priority, display(got.made.where)));
    report.gap();
  }
}

/// Repeats the fetch, and prints the attempts of the first fetch that failed over.
void show_failover(const options& opts, demo_report& report, std::string_view survivor) {
  command_context with(opts);
  int answered = 0;
  int failed_over = 0;
  for (int i = 0; i < fetch_count; ++i) {
    const fetched got = fetch(with, opts);
    if (got.is_page_of(fmt::format("{} ", survivor))) ++answered;
    if (got.made.attempts.size() > 1 && failed_over++ == 0) report.attempts(got.made);
  }
  // With a fixed hash key, the survivor may be the first choice of every fetch.
  report.check(answered == fetch_count && (failed_over > 0 || opts.hash_key),
               fmt::format("{} fetches: {} answered by {}, {} of them after a failed attempt", fetch_count, answered,
                           survivor, failed_over));
  report.gap();
}

void show_outage(const options& opts, demo_report& report) {
  command_context with(opts);
  const fetched got = fetch(with, opts);
  report.attempts(got.made);
  if (got.fault) report.paragraph(fmt::format("sd-connect: {}", got.fault->what()));
  const int code = got.fault ? static_cast<int>(got.fault->code()) : 0;
  report.check(got.fault && got.fault->code() == exit_code::unavailable,
               fmt::format("every endpoint was tried; the exit code is {}", code));
  report.gap();
}

void show_failures(const options& opts, demo_backends& backends, demo_report& report) {
  report.heading("4. Failures");
  report.line("host1 is killed:");
  backends.host1().stop();
  show_failover(opts, report, "host2");

  report.line("host2 is killed as well, so the spare of the next tier has to do:");
  backends.host2().stop();
  show_failover(opts, report, "host100");

  report.line("The spare is killed, too:");
  backends.host100().stop();
  show_outage(opts, report);

  report.line("All are started again:");
  for (lab::http_backend* backend : {&backends.host1(), &backends.host2(), &backends.host100()}) backend->start();
  command_context with(opts);
  const fetched got = fetch(with, opts);
  report.check(got.is_page_of("host1 ") || got.is_page_of("host2 "),
               fmt::format("{} answers", display(got.made.where)));
}

}  // namespace

void show_built_in_zone(const options& opts, const demo_name_server& server, demo_backends& backends,
                        demo_report& report) {
  const options type = server.asking(opts, name::from_text(service_type).value());
  const options instance = server.asking(opts, name::from_text(version_1).value());
  const std::string asking = server.asking_command();
  show_walk(type, asking, report);
  show_shares(instance, asking, report);
  show_tiers(instance, asking, report);
  show_failures(instance, backends, report);
}

}  // namespace sdconnect::cli
