#include "sd-connect/demo/demo_fetch.hpp"

#include "program/report.hpp"
#include "sd-connect/commands/http_fields.hpp"
#include "sd-connect/commands/stream_service.hpp"
#include "sd-connect/explain/failures.hpp"
#include "sdconnect/connect/connector.hpp"

#include <algorithm>

namespace sdconnect::cli {

namespace {

// The page of a user's own backend may be long; the demo shows its beginning.
constexpr std::size_t most_shown = 2048;

fetched get_page(command_context& with, const options& opts, error_code ec, connection made) {
  fetched got{.made = std::move(made), .fault = {}, .status = 0, .page = {}};
  if (ec) {
    got.fault = connect_failure(opts, ec, got.made);
    return got;
  }
  const detail::http_request request{
      .host = host_field(opts, got.made.where), .headers = {}, .user_agent = user_agent()};
  detail::client_stream stream(got.made.release().first);
  const detail::http_outcome outcome =
      with.exchange(stream, request,
                    {.on_head = [&](const detail::http_head& head) { got.status = head.status; },
                     .on_body =
                         [&](std::string_view octets) {
                           got.page += octets.substr(0, most_shown - std::min(most_shown, got.page.size()));
                         }},
                    {.respond_by = std::chrono::steady_clock::now() + opts.timeout});
  if (outcome.error) {
    got.fault = fail(exit_code_of(outcome.error), "no page", endpoint_text(got.made.where, got.made.address),
                     outcome.error.message());
  }
  return got;
}

}  // namespace

fetched fetch(command_context& with, const options& opts) {
  auto [ec, made] = with.connect_service();
  return get_page(with, opts, ec, std::move(made));
}

fetched fetch_of_tier(command_context& with, const options& opts, std::uint16_t priority) {
  connector connecting(
      with.find(),
      {.connecting = {.attempt_timeout = opts.connect_timeout}, .balancing = {.health = {.fall = 1}}, .retries = {}});
  const std::shared_ptr<balancer> endpoints = connecting.find_balancer(opts.query.value());
  with.run();
  for (const balanced_endpoint& e : *endpoints->endpoints()) {
    if (e.where.priority < priority) endpoints->report_probe(*e.record, false, std::chrono::steady_clock::now());
  }
  command_context::connected outcome;
  connecting.async_connect(opts.query.value(), [&](error_code ec, connection made) {
    outcome = {ec, std::move(made)};
    with.io().stop();
  });
  with.run();
  return get_page(with, opts, outcome.error, std::move(outcome.made));
}

}  // namespace sdconnect::cli
