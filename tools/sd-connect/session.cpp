#include "session.hpp"

#include "choice.hpp"
#include "explain.hpp"
#include "names.hpp"
#include "report.hpp"
#include "sdconnect/connect/connector.hpp"
#include "sdconnect/dns/printable.hpp"
#include "sdconnect/transport/resolv_conf.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::cli {
namespace {

// RFC 8305 §3: connecting does not wait longer than this for the other address family.
constexpr std::chrono::milliseconds resolution_delay{50};

/// What the options add to the servers of resolv.conf, or put in their place.
void adapt(dns_client_options& client, const options& opts) {
  client.server_sets.insert(client.server_sets.end(), opts.server_sets.begin(), opts.server_sets.end());
  client.tcp_only = client.tcp_only || opts.tcp_only;
  client.use_0x20 = opts.randomize_case;
}

/// The servers named on the command line, in the environment or in the configuration; resolv.conf, with all changes to
/// come, for every name that these leave open. `opts` outlives it.
resolver finding(boost::asio::any_io_executor executor, const options& opts) {
  const bool covers_everything =
      std::ranges::any_of(opts.server_sets, [](const server_set& set) { return set.domain.is_root(); });
  if (covers_everything) {
    dns_client_options client;
    adapt(client, opts);
    return resolver(dns_client(std::move(executor), std::move(client)));
  }
  const result<resolv_conf> conf = resolv_conf::load();
  if (!conf) throw fail(exit_code::no_input, conf.error().message(), "/etc/resolv.conf", "name a server with --server");
  if (opts.verbose) {
    for (const std::string& warning : conf->warnings) warn(opts, "/etc/resolv.conf: " + warning);
  }
  return resolver(std::move(executor), {.adapt = [&opts](dns_client_options& client) { adapt(client, opts); }});
}

connect_options connecting(const options& opts) {
  return {
      .attempt_timeout = opts.connect_timeout, .use_ipv4 = opts.query->want_ipv4, .use_ipv6 = opts.query->want_ipv6};
}

/// A failure is one line: what warnings say of its cause stands in it (resolve_failure). An explanation tells them too.
void warn_of(const options& opts, error_code ec, const std::vector<std::string>& warnings) {
  if (opts.explain || (ec && !opts.verbose)) return;
  for (const std::string& warning : warnings) warn(opts, warning);
}

}  // namespace

session::session(const options& opts)
    : options_(opts),
      random_(opts.seed ? random_engine(*opts.seed) : random_engine::from_os_entropy()),
      resolver_(finding(io_.get_executor(), opts)) {}

session::resolved session::resolve(explaining when) {
  resolved out;
  resolver_.async_resolve(options_.query.value(), [&out](error_code ec, service found) {
    out.error = ec;
    out.found = std::move(found);
  });
  run();
  warn_of(options_, out.error, out.found.warnings);
  if (options_.explain && (out.error || when == explaining::now))
    explain(options_, explanation::of(options_, out.error, out.found));
  return out;
}

service session::resolve_or_fail(explaining when) {
  resolved out = resolve(when);
  if (out.error) throw resolve_failure(options_, out.error, out.found);
  return std::move(out.found);
}

struct session::attempt {
  std::chrono::steady_clock::time_point deadline;
  connected out;
  choice chosen;
};

// A process that connects once knows of no health, needs no retry budget and no limits: a connector would add nothing
// but a draw of its own, which could not be told.
session::connected session::connect_service() {
  attempt under_way{std::chrono::steady_clock::now() + options_.timeout, {{}, connection(io_.get_executor())}, {}};
  connected& out = under_way.out;
  service_query query = options_.query.value();
  query.resolution_delay = resolution_delay;
  resolver_.async_resolve(query, [&](error_code ec, service found) {
    out.error = ec;
    out.made.found = std::move(found);
    if (!ec) connect_to(under_way);
  });
  run();
  warn_of(options_, out.error, out.made.found.warnings);
  if (options_.explain) {
    explanation story = explanation::of(options_, out.error, out.made);
    if (under_way.chosen.decision.chosen) story.decision = &under_way.chosen.decision;
    story.order = under_way.chosen.order;
    explain(options_, story);
  }
  if (options_.verbose && !out.error)
    print_failure("connected to " + display(out.made.where) + " (" + out.made.address.to_text() + ")");
  return std::move(under_way.out);
}

void session::connect_to(attempt& under_way) {
  service& found = under_way.out.made.found;
  under_way.chosen = choose_order(options_, found.endpoints, random_);
  std::vector<endpoint> order;
  for (const std::uint32_t index : under_way.chosen.order) order.push_back(found.endpoints[index]);
  async_connect_in_order(io_.get_executor(), std::move(order), connecting(options_), under_way.deadline,
                         [&](error_code ec, connection made) {
                           made.found = std::move(under_way.out.made.found);
                           under_way.out = {ec, std::move(made)};
                         });
}

connection session::connect_or_fail() {
  connected out = connect_service();
  if (out.error) throw connect_failure(options_, out.error, out.made);
  return std::move(out.made);
}

void session::run() {
  io_.restart();
  io_.run();
}

}  // namespace sdconnect::cli
