#include "net/http/http_session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <exception>
#include <utility>

namespace sdconnect::detail {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::beast::iequals;

// A client that still sends gets this time to read the reply. A close with octets unread would make
// the kernel send RST, which may destroy the reply at the client.
constexpr std::chrono::seconds linger{1};

std::string_view to_std(boost::beast::string_view text) { return {text.data(), text.size()}; }

http_reply error_reply(http::status status) {
  return {.status = static_cast<unsigned>(status), .body = std::string(to_std(http::obsolete_reason(status))) + '\n'};
}

http::status status_of(error_code ec) {
  if (ec == http::error::header_limit) return http::status::request_header_fields_too_large;
  if (ec == http::error::body_limit) return http::status::payload_too_large;
  return http::status::bad_request;
}

// RFC 9112 §4. Date: RFC 9110 §6.6.1.
std::string head_text(const http_reply& reply, bool keeps_alive) {
  const auto reason = to_std(http::obsolete_reason(http::int_to_status(reply.status)));
  std::string text = fmt::format("HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\nContent-Type: {}\r\n",
                                 reply.status, reason, fmt::gmtime(std::time(nullptr)), reply.content_type);
  for (const auto& [name, value] : reply.fields) text += fmt::format("{}: {}\r\n", name, value);
  if (!reply.on_stream) text += fmt::format("Content-Length: {}\r\n", reply.body.size());
  return text + (keeps_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

// A socket for both families has clients of IPv4 too.
boost::asio::ip::address unmapped(const boost::asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

}  // namespace

std::string_view received_request::field(std::string_view name) const noexcept {
  for (const auto& [key, value] : fields) {
    if (iequals(key, name)) return value;
  }
  return {};
}

bool http_stream::offer(std::string octets) {
  const auto session = session_.lock();
  return session && session->offer(std::move(octets));
}

bool http_stream::is_open() const noexcept {
  const auto session = session_.lock();
  return session && session->is_open();
}

void http_stream::close() {
  if (const auto session = session_.lock()) session->close();
}

bool is_own_host(std::string_view host, const tcp::endpoint& local) {
  const auto end = host.starts_with('[') ? host.find(']') : host.find(':');
  std::string_view name = host.substr(0, end);
  std::string_view port = end == std::string_view::npos ? std::string_view() : host.substr(end);
  if (name.starts_with('[')) {
    if (port.empty()) return false;
    name.remove_prefix(1);
    port.remove_prefix(1);
  }
  if (port.empty() ? local.port() != 80 : port != fmt::format(":{}", local.port())) return false;
  if (iequals(name, "localhost") || name == "127.0.0.1") return true;
  error_code ec;
  const auto address = boost::asio::ip::make_address(name, ec);
  return !ec && (address == boost::asio::ip::address_v6::loopback() || address == unmapped(local.address()));
}

void http_session::start() {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  begin_request();
}

void http_session::close() {
  const auto self = shared_from_this();  // the server may hold the last other reference
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  server_->sessions.erase(self);
  if (std::exchange(is_stream_, false)) --server_->streams;
}

void http_session::expect_within(std::chrono::steady_clock::duration time) {
  timer_.expires_after(time);
  timer_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    // A wait that had already ended when the timer was set again also reports success.
    if (!ec && self && self->timer_.expiry() <= std::chrono::steady_clock::now()) self->close();
  });
}

void http_session::begin_request() {
  parser_.emplace();
  parser_->eager(true);
  parser_->header_limit(static_cast<std::uint32_t>(server_->options.max_head));
  parser_->body_limit(server_->options.max_body);
  has_begun_ = has_continued_ = false;
  expect_within(server_->options.idle);
  if (received_.empty()) return read();
  parse();
}

void http_session::read() {
  socket_.async_read_some(boost::asio::buffer(block_), [self = shared_from_this()](error_code ec, std::size_t count) {
    if (!self->socket_.is_open()) return;
    if (ec) return self->close();
    self->received_.append(self->block_.data(), count);
    self->parse();
  });
}

void http_session::parse() {
  if (!std::exchange(has_begun_, true)) expect_within(server_->options.request);
  error_code ec;
  std::size_t used = 0;
  while (!ec && used < received_.size() && !parser_->is_done()) {
    used += parser_->put(boost::asio::buffer(received_) + used, ec);
  }
  received_.erase(0, used);
  // The parser limits heads; this limits the lines of chunk sizes.
  if (ec == http::error::need_more && received_.size() > server_->options.max_head) ec = http::error::header_limit;
  if (ec && ec != http::error::need_more) return send(error_reply(status_of(ec)), false);
  if (!parser_->is_done()) return continue_request();
  const bool keeps_alive = parser_->get().keep_alive();
  http_reply reply = reply_to_request();
  if (socket_.is_open()) send(std::move(reply), keeps_alive);
}

// A client that asks for it sends its body only after 100 (RFC 9110 §10.1.1).
void http_session::continue_request() {
  const bool asks = parser_->is_header_done() && iequals(parser_->get()[http::field::expect], "100-continue");
  if (!asks || std::exchange(has_continued_, true)) return read();
  write("HTTP/1.1 100 Continue\r\n\r\n", [this] { read(); });
}

http_reply http_session::reply_to_request() {
  const parser::value_type& message = parser_->get();
  const std::string_view target = to_std(message.target());
  if (message.count(http::field::host) != 1 || !target.starts_with('/')) return error_reply(http::status::bad_request);
  error_code ec;
  const tcp::endpoint local = socket_.local_endpoint(ec);
  if (ec || !is_own_host(to_std(message[http::field::host]), local)) {
    return error_reply(http::status::misdirected_request);
  }
  if (message.method() != http::verb::get && message.method() != http::verb::head &&
      message.method() != http::verb::post) {
    return error_reply(http::status::not_implemented);
  }

  received_request request;
  request.method = to_std(message.method_string());
  const std::size_t path_end = target.find('?');
  request.path = target.substr(0, path_end);
  if (path_end != std::string_view::npos) request.query = target.substr(path_end + 1);
  for (const auto& field : message) request.fields.emplace_back(to_std(field.name_string()), to_std(field.value()));
  request.body = message.body();
  try {
    http_reply reply = server_->answer(request);
    if (reply.on_stream && server_->streams >= server_->options.max_streams) {
      return error_reply(http::status::service_unavailable);
    }
    return reply;
  } catch (const std::exception&) {
    return error_reply(http::status::internal_server_error);
  }
}

void http_session::send(http_reply reply, bool keeps_alive) {
  const bool is_stream = static_cast<bool>(reply.on_stream);
  keeps_alive = keeps_alive && !is_stream;
  std::string octets = head_text(reply, keeps_alive);
  const bool is_head = parser_->is_header_done() && parser_->get().method() == http::verb::head;
  if (!is_head) octets += reply.body;
  if (is_stream && !is_head) {
    is_stream_ = true;
    ++server_->streams;
    write(std::move(octets), [this, opened = std::move(reply.on_stream)] {
      timer_.cancel();
      discard();
      opened(http_stream(weak_from_this()));
    });
  } else if (keeps_alive) {
    write(std::move(octets), [this] { begin_request(); });
  } else {
    write(std::move(octets), [this] { finish(); });
  }
}

bool http_session::offer(std::string octets) {
  if (!socket_.is_open() || !sending_.empty()) return false;
  write(std::move(octets), [this] { timer_.cancel(); });
  return true;
}

void http_session::write(std::string octets, std::function<void()> next) {
  sending_ = std::move(octets);
  expect_within(server_->options.idle);
  boost::asio::async_write(socket_, boost::asio::buffer(sending_),
                           [self = shared_from_this(), next = std::move(next)](error_code ec, std::size_t) {
                             if (!self->socket_.is_open()) return;
                             if (ec) return self->close();
                             self->sending_.clear();
                             next();
                           });
}

void http_session::finish() {
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  expect_within(linger);
  discard();
}

// Waits for the end of the connection.
void http_session::discard() {
  socket_.async_read_some(boost::asio::buffer(block_), [self = shared_from_this()](error_code ec, std::size_t) {
    if (!self->socket_.is_open()) return;
    if (ec) return self->close();
    self->discard();
  });
}

}  // namespace sdconnect::detail
