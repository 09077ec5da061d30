#include "sd-connect/demo/demo_helper.hpp"

#include "net/http/http_exchange.hpp"
#include "net/tls/client_stream.hpp"
#include "sd-connect/demo/demo_commands.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include <chrono>

namespace sdconnect::cli {
namespace {

constexpr std::string_view demo_service = "_v1._theservice._tcp.unilans.net";
constexpr std::chrono::seconds patience{5};

/// What an ordinary HTTP client gets that connects to a port of this host.
std::string page_through(std::uint16_t port, const std::string& target) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  error_code failed;
  socket.connect({boost::asio::ip::address_v4::loopback(), port}, failed);
  if (failed) return {};
  detail::client_stream stream(std::move(socket));
  std::string page;
  const detail::http_request request{.host = std::string(demo_service), .path = target};
  detail::async_exchange(stream, request, {.on_body = [&](std::string_view octets) { page += octets; }},
                         {.complete_by = std::chrono::steady_clock::now() + patience},
                         [](const detail::http_outcome&) {});
  io.run();
  return page;
}

bool is_page_of_priority_0(const std::string& page) { return page.starts_with("host1 ") || page.starts_with("host2 "); }

}  // namespace

std::unique_ptr<background_helper> show_helper(const options& opts, const demo_name_server& server,
                                               demo_report& report) {
  const name what = name::from_text(demo_service).value();
  const auto common = std::make_shared<const options>(server.asking(opts, what));
  helper::helper_options with;
  with.forwards = {{.at = {.port = 0}, .service = what}};
  with.proxies = {{.port = 0}};
  with.status = helper::listen_address{.port = 0};
  with.is_asked_locally = [](const name&) -> bool { return true; };
  auto running =
      std::make_unique<background_helper>(with, common, log_options{.threshold = log_level::error}, SDCONNECT_VERSION);

  report.heading("5. Programs that know nothing of SRV records");
  report.line(fmt::format("What runs here is sd-connect forward {}={}", running->forward_port(), demo_service));
  report.line(fmt::format("and sd-connect proxy --listen {} --status 127.0.0.1:{}", running->proxy_port(),
                          running->status_port()));
  report.gap();
  const std::string forwarded = page_through(running->forward_port(), "/");
  report.page(forwarded);
  report.gap();
  report.check(is_page_of_priority_0(forwarded),
               fmt::format("http://127.0.0.1:{}/ is a page of the service", running->forward_port()));
  report.check(is_page_of_priority_0(page_through(running->proxy_port(), fmt::format("http://{}/", demo_service))),
               fmt::format("the proxy at 127.0.0.1:{} connects to the service by its name", running->proxy_port()));
  report.line(fmt::format("status page: http://127.0.0.1:{}/", running->status_port()));
  return running;
}

}  // namespace sdconnect::cli
