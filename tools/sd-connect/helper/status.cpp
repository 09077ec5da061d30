/// \file
/// `sd-connect status`: the state of a running helper.

#include "helper/status/status_text.hpp"
#include "net/http/http_exchange.hpp"
#include "net/io/asio_endpoint.hpp"
#include "net/tls/client_stream.hpp"
#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/helper/helper_commands.hpp"
#include "sd-connect/helper/helper_settings.hpp"
#include "sd-connect/options/setting_value.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <thread>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

constexpr std::chrono::milliseconds retry_period{100};
constexpr std::chrono::seconds patience{5};
constexpr std::uint64_t largest_status = std::uint64_t{64} << 20;

struct page {
  error_code error;
  unsigned status = 0;
  std::string body;
};

page fetch(const helper::listen_address& at, const std::string& path) {
  page out;
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  socket.connect(detail::asio_endpoint<boost::asio::ip::tcp::endpoint>(at.address, at.port), out.error);
  if (out.error) return out;
  detail::client_stream stream(std::move(socket));
  const detail::http_request request{.host = at.to_text(), .path = path};
  detail::async_exchange(stream, request,
                         {.on_head = [&](const detail::http_head& head) { out.status = head.status; },
                          .on_body = [&](std::string_view octets) { out.body += octets; }},
                         {.complete_by = std::chrono::steady_clock::now() + patience, .max_body = largest_status},
                         [&](const detail::http_outcome& end) { out.error = end.error; });
  io.run();
  return out;
}

helper::listen_address address_of(const layers& all) {
  const setting* said = all.last("status");
  if (said == nullptr)
    throw fail(exit_code::usage, "no status page", "",
               "name the helper's: --status ADDR:PORT, as it was given to the helper");
  const auto at = helper::listen_address_from_text(said->text);
  if (!at || at->kind != helper::listen_kind::tcp)
    throw fail(said->blame, "not ADDR:PORT", said->where + " " + in_quotes(said->text));
  return *at;
}

}  // namespace

exit_code run_status(const invocation& said) {
  const options opts = *helper_settings_of(said).common;
  if (!opts.words.empty())
    throw fail(exit_code::usage, "unexpected argument", in_quotes(opts.words.front()), "see sd-connect status --help");
  const layers all = layers_of(said);
  const helper::listen_address at = address_of(all);
  auto until = std::chrono::steady_clock::now();
  if (const setting* wait = all.last("wait")) {
    until += value_or_refuse(*wait, duration_from_text(wait->text));
  }
  page ready = fetch(at, "/readyz");
  while ((ready.error || ready.status != 200) && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(retry_period);
    ready = fetch(at, "/readyz");
  }
  if (ready.error) throw fail(exit_code::unavailable, "no helper answers", at.to_text(), ready.error.message());
  const page status = fetch(at, "/api/status");
  if (status.error || status.status != 200)
    throw fail(exit_code::protocol, "not the status page of a helper", at.to_text(), status.error.message());
  if (opts.format == output_format::json) {
    print(status.body);
  } else {
    const appearance looks = appearance_of(opts.color, STDOUT_FILENO);
    const result<std::string> table = helper::status_table(status.body, looks.is_colored, looks.width);
    if (!table) throw fail(exit_code::protocol, "not the status of a helper", at.to_text());
    print(*table);
  }
  if (ready.status == 200) return exit_code::done;
  flush_output();
  throw fail(exit_code::unavailable, "not ready", at.to_text(), ready.body.substr(0, ready.body.find('\n')));
}

}  // namespace sdconnect::cli
