#include "sd-connect/commands/command_context.hpp"

#include "net/base/printable.hpp"
#include "net/base/saturating.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/choice.hpp"
#include "sd-connect/commands/finding.hpp"
#include "sd-connect/explain/explain.hpp"
#include "sd-connect/explain/failures.hpp"
#include "sdconnect/connect/connector.hpp"
#include "text/names.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::cli {
namespace {

connect_options connecting(const options& opts) {
  return {
      .attempt_timeout = opts.connect_timeout, .use_ipv4 = opts.query->want_ipv4, .use_ipv6 = opts.query->want_ipv6};
}

/// A failure message is one line, and resolve_failure already includes the cause that the warnings
/// name. An explanation also contains the warnings.
void warn_of(const options& opts, error_code ec, const std::vector<std::string>& warnings) {
  if (opts.explain || (ec && !opts.verbose)) return;
  for (const std::string& warning : warnings) warn(opts, warning);
}

}  // namespace

command_context::command_context(const options& opts)
    : options_(opts),
      random_(opts.seed ? random_engine(*opts.seed) : random_engine::from_os_entropy()),
      resolver_(resolver_of(io_.get_executor(), opts)) {}

command_context::resolved command_context::resolve(explaining when) {
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

service command_context::resolve_or_fail(explaining when) {
  resolved out = resolve(when);
  if (out.error) throw resolve_failure(options_, out.error, out.found);
  return std::move(out.found);
}

service_query command_context::query_until(time_point deadline) const {
  service_query query = options_.query.value();
  const auto left = detail::time_between(std::chrono::steady_clock::now(), deadline);
  query.timeout = std::chrono::ceil<std::chrono::milliseconds>(std::max(left, time_point::duration::zero()));
  return query;
}

command_context::connected command_context::connect_service(explaining when, std::optional<time_point> deadline) {
  connected out;
  balancer_options balancing_here = balancing(options_);
  if (balancing_here.seed && std::exchange(has_connected_, true)) balancing_here.seed = random_();  // for further ones
  connector_.emplace(resolver_, connector_options{.connecting = connecting(options_),
                                                  .balancing = balancing_here,
                                                  .retries = {},  // a program that connects once tries every endpoint
                                                  .key = next_key(options_, random_),
                                                  .trace = options_.explain || when == explaining::told_later ||
                                                           options_.command == "exec"});  // exec passes on the order
  service_query query = options_.query.value();
  query.timeout = options_.timeout;
  if (deadline) query = query_until(*deadline);
  connector_->async_connect(query, [&](error_code ec, connection made) {
    out = {ec, std::move(made)};
    io_.stop();
  });
  run();
  warn_of(options_, out.error, out.made.found->warnings);
  if (out.error || when == explaining::now) explain_connect(out.error, out.made);
  if (options_.verbose && !out.error)
    print_failure("connected to " + display(out.made.where) + " (" + out.made.address.to_text() + ")");
  return out;
}

connection command_context::connect_or_fail() {
  connected out = connect_service();
  if (out.error) throw connect_failure(options_, out.error, out.made);
  return std::move(out.made);
}

command_context::connected command_context::connect_next(connection failed, outcome_kind why, time_point deadline) {
  connected out;
  connector_->async_connect_next(query_until(deadline), std::move(failed), why, [&](error_code ec, connection made) {
    out = {ec, std::move(made)};
    io_.stop();
  });
  run();
  if (options_.verbose && !out.error)
    print_failure("connected to " + display(out.made.where) + " (" + out.made.address.to_text() + ")");
  return out;
}

void command_context::explain_connect(error_code ec, const connection& made) const {
  if (options_.explain) explain(options_, explanation::of(options_, ec, made));
}

detail::http_outcome command_context::exchange(detail::client_stream& stream, const detail::http_request& request,
                                               const detail::http_handlers& handlers,
                                               const detail::http_exchange_options& limits) {
  std::optional<detail::http_outcome> outcome;
  detail::async_exchange(stream, request, handlers, limits, [&](detail::http_outcome of) { outcome = std::move(of); });
  io_.restart();
  while (!outcome) io_.run_one();
  return std::move(*outcome);
}

void command_context::run() {
  io_.restart();
  io_.run();
}

}  // namespace sdconnect::cli
