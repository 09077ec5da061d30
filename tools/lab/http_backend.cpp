#include "lab/http_backend.hpp"

#include "net/base/printable.hpp"
#include "net/listen/tcp_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <optional>
#include <sstream>
#include <utility>

namespace sdconnect::lab {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;
using lock = std::lock_guard<std::recursive_mutex>;
using response = http::response<http::string_body>;

// A load generator opens many connections at once.
const detail::tcp_server_options session_options{.max_sessions = 4096, .idle_timeout = std::chrono::seconds(30)};

std::string text_of(tcp::endpoint at) {
  std::ostringstream out;
  out << at;
  return out.str();
}

}  // namespace

// Beast parses and serialises; the octets go through tcp_server, which can end all connections at
// once from any thread.
struct http_backend::impl {
  using parser = http::request_parser<http::empty_body>;

  impl(boost::asio::any_io_executor executor, std::string name, tcp::endpoint wanted)
      : host(std::move(name)), at(wanted) {
    server = std::make_shared<detail::tcp_server>(
        std::move(executor), mutex, [this] { return session_reader(); }, session_options);
  }

  detail::tcp_server::on_octets session_reader();
  bool read_request(parser& reading, detail::tcp_session& session, std::vector<std::uint8_t>& octets);
  response answer(const parser::value_type& request);
  static void send(detail::tcp_session& session, response&& answered);

  std::string host;
  tcp::endpoint at;
  detail::tcp_server::mutex_pointer mutex = std::make_shared<std::recursive_mutex>();
  std::shared_ptr<detail::tcp_server> server;
  std::uint64_t requests = 0;
};

detail::tcp_server::on_octets http_backend::impl::session_reader() {
  auto reading = std::make_shared<std::optional<parser>>(std::in_place);
  return [this, reading](detail::tcp_session& session, std::vector<std::uint8_t>& octets) {
    while (read_request(**reading, session, octets)) reading->emplace();
  };
}

// Returns true after it answered one request, if the connection may carry another one.
bool http_backend::impl::read_request(parser& reading, detail::tcp_session& session,
                                      std::vector<std::uint8_t>& octets) {
  reading.eager(true);
  error_code ec;
  const std::size_t used = octets.empty() ? 0 : reading.put(boost::asio::buffer(octets), ec);
  octets.erase(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(used));
  if (ec == http::error::need_more) return false;
  if (ec) {
    response refused(http::status::bad_request, 11);
    refused.keep_alive(false);
    send(session, std::move(refused));
    return false;
  }
  if (!reading.is_done()) return false;
  response answered = answer(reading.get());
  const bool goes_on = answered.keep_alive();
  send(session, std::move(answered));
  return goes_on;
}

response http_backend::impl::answer(const parser::value_type& request) {
  ++requests;
  const bool is_head = request.method() == http::verb::head;
  const bool is_known = is_head || request.method() == http::verb::get;
  response out(is_known ? http::status::ok : http::status::method_not_allowed, request.version());
  out.keep_alive(request.keep_alive());
  out.set(http::field::content_type, "text/plain; charset=utf-8");
  out.set(http::field::cache_control, "no-store");
  if (!is_known) out.set(http::field::allow, "GET, HEAD");
  const auto shown = [](boost::beast::string_view text) { return detail::escaped({text.data(), text.size()}); };
  out.body() = fmt::format("{} at {}\nservice {}\ntarget {}\n", host, text_of(at), shown(request[http::field::host]),
                           shown(request.target()));
  out.prepare_payload();
  if (is_head) out.body().clear();
  return out;
}

void http_backend::impl::send(detail::tcp_session& session, response&& answered) {
  std::ostringstream text;
  text << answered;
  const std::string octets = std::move(text).str();
  session.send({octets.begin(), octets.end()});
  if (!answered.keep_alive()) session.close_when_sent();
}

http_backend::http_backend(boost::asio::any_io_executor executor, std::string host, tcp::endpoint at)
    : impl_(std::make_unique<impl>(std::move(executor), std::move(host), std::move(at))) {
  start();
}

http_backend::~http_backend() { stop(); }

void http_backend::start() {
  const lock held(*impl_->mutex);
  if (impl_->server->is_open()) return;
  impl_->server->open(impl_->at);
  impl_->at = impl_->server->local_endpoint();
  impl_->server->start();
}

void http_backend::stop() { impl_->server->close(); }

bool http_backend::is_running() const { return impl_->server->is_open(); }

const std::string& http_backend::host() const noexcept { return impl_->host; }

tcp::endpoint http_backend::endpoint() const {
  const lock held(*impl_->mutex);
  return impl_->at;
}

std::uint64_t http_backend::requests() const {
  const lock held(*impl_->mutex);
  return impl_->requests;
}

std::uint64_t http_backend::connections() const { return impl_->server->session_count(); }

}  // namespace sdconnect::lab
