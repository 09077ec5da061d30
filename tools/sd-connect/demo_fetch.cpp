#include "demo_fetch.hpp"

#include "http_client.hpp"
#include "http_fields.hpp"
#include "report.hpp"
#include "sdconnect/connect/connector.hpp"
#include "sdconnect/connect/http_request.hpp"
#include "stream_service.hpp"

#include <algorithm>

namespace sdconnect::cli {

namespace {

// A page of a user's own backend may be anything; the demo shows a beginning.
constexpr std::size_t most_shown = 2048;

fetched get_page(session& with, const options& opts, error_code ec, connection made) {
  fetched got{.made = std::move(made), .fault = {}, .status = 0, .page = {}};
  if (ec) {
    got.fault = connect_failure(opts, ec, got.made);
    return got;
  }
  const std::string request = request_text(
      {.host = host_field(*opts.query, got.made.where, false), .path = "/", .headers = {}, .user_agent = user_agent()});
  const auto stream = make_plain_stream(with.io(), std::move(got.made.socket));
  const http_outcome outcome =
      http_exchange(*stream, request, std::chrono::steady_clock::now() + opts.timeout,
                    {.on_head = [&](const http_head& head) { got.status = head.status; },
                     .on_body =
                         [&](std::string_view octets) {
                           got.page += octets.substr(0, most_shown - std::min(most_shown, got.page.size()));
                         },
                     .before_waiting = [] {}});
  if (outcome.error) {
    got.fault = fail(exit_code_of(outcome.error), "no page", endpoint_text(got.made.where, got.made.address),
                     outcome.error.message());
  }
  return got;
}

}  // namespace

fetched fetch(session& with, const options& opts) {
  auto [ec, made] = with.connect_service();
  return get_page(with, opts, ec, std::move(made));
}

fetched fetch_in_order(session& with, const options& opts, std::vector<endpoint> order) {
  session::connected outcome{{}, connection(with.io().get_executor())};
  async_connect_in_order(with.io().get_executor(), std::move(order),
                         connect_options{.attempt_timeout = opts.connect_timeout},
                         std::chrono::steady_clock::now() + opts.timeout, [&](error_code ec, connection made) {
                           outcome.error = ec;
                           outcome.made = std::move(made);
                         });
  with.run();
  return get_page(with, opts, outcome.error, std::move(outcome.made));
}

}  // namespace sdconnect::cli
