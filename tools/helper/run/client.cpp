#include "helper/run/client.hpp"

#include "helper/protocol/own_page.hpp"
#include "helper/protocol/proxy_header.hpp"
#include "helper/run/failure_of.hpp"
#include "helper/run/worker.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <sys/socket.h>
#include <utility>

namespace sdconnect::helper {
namespace {

namespace asio = boost::asio;
using cli::log_level;

/// How long a refused client may take to read why.
constexpr std::chrono::seconds patience_after_refusal{2};

/// The local address of a connected socket, for replies.
proxied_address local_address(int fd) {
  const std::optional<listen_address> at = address_of_listener(fd);
  return at ? proxied_address{at->address, at->port} : proxied_address{};
}

std::optional<proxied_address> proxied(const std::optional<ip_address>& address, std::uint16_t port) {
  return address ? std::optional(proxied_address{*address, port}) : std::nullopt;
}

}  // namespace

client::client(worker& in, accepted from, std::shared_ptr<const door> through)
    : worker_(in),
      id_(in.shared().next_id()),
      door_(std::move(through)),
      settings_(in.shared().current()),
      from_(std::move(from)),
      deadline_(in.executor()) {}

void client::start() {
  if (door_->forward)
    dial_forward();
  else
    begin_handshake();
}

void client::close() {
  if (has_left_) return;
  const auto self = shared_from_this();
  worker_.count_end(*door_);
  leave();
}

void client::leave() {
  has_left_ = true;
  deadline_.cancel();
  socket_.reset();
  from_.socket.reset();
  worker_.forget(*this);
}

void client::dial_forward() {
  is_dialing_ = true;
  const forward_options& forward = *door_->forward;
  wanted_ = forward.service.to_text();
  auto done = [self = shared_from_this()](dialed result) { self->on_dialed(std::move(result)); };
  if (forward.affinity) return settings_->reach->dial_same(forward.service, door_->key, worker_.executor(), done);
  settings_->reach->dial({.kind = route_kind::service, .names = {forward.service}}, {}, worker_.executor(), done);
}

void client::begin_handshake() {
  const std::optional<credentials>& required = settings_->options.required;
  handshake_.emplace(handshake_options{.required = required ? &*required : nullptr, .id = id_});
  const bool is_unix = door_->at.kind == listen_kind::unix_socket;
  const asio::generic::stream_protocol protocol(is_unix ? AF_UNIX : door_->at.address.is_v4() ? AF_INET : AF_INET6, 0);
  error_code ec;
  socket_.emplace(worker_.executor());
  socket_->assign(protocol, from_.socket.get(), ec);
  if (ec) return close();
  static_cast<void>(from_.socket.release());
  deadline_.expires_after(settings_->options.handshake_timeout);
  deadline_.async_wait([weak = weak_from_this()](error_code failed) {
    const auto self = weak.lock();
    if (self && !failed && !self->is_dialing_) self->close();
  });
  read();
}

void client::read() {
  socket_->async_read_some(asio::buffer(block_), [self = shared_from_this()](error_code ec, std::size_t count) {
    if (self->has_left_) return;
    if (ec) return self->close();  // a client that thinks better of it is no fault
    self->on_octets(count);
  });
}

void client::on_octets(std::size_t count) {
  handshake_->put({block_.data(), count});
  to_send_ = handshake_->reader() != nullptr ? handshake_->reader()->take_output() : std::string();
  switch (handshake_->state()) {
    case handshake_state::ended:
      ++door_->counters->refused;
      worker_.shared().log.write(
          log_level::info, id_, "handshake refused",
          {{"protocol", to_string(handshake_->protocol())},
           {"reason", handshake_->reader() ? std::string_view(handshake_->reader()->why_ended().reason) : ""}});
      return send_last(std::move(to_send_));
    case handshake_state::asked: return on_asked();
    case handshake_state::reading: break;
  }
  if (to_send_.empty()) return read();
  asio::async_write(*socket_, asio::buffer(to_send_), [self = shared_from_this()](error_code ec, std::size_t) {
    if (self->has_left_) return;
    if (ec) return self->close();
    self->read();
  });
}

void client::on_asked() {
  is_dialing_ = true;
  deadline_.cancel();
  const http_proxy_reader* http = handshake_->http();
  if (http != nullptr && http->kind() == http_request_kind::own) return answer_own_request(*http);
  const proxy_destination& wanted = handshake_->reader()->destination();
  wanted_ = wanted.to_text();
  destination to{.host = wanted.host, .port = wanted.port, .address = wanted.address()};
  if (!to.address) to.names = names_of_host(wanted.host);
  const route found = settings_->routes.find(to);
  if (found.kind == route_kind::refused) {
    ++door_->counters->refused;
    return refuse(
        {found.is_misdirected ? refusal_kind::misdirected : refusal_kind::denied, wanted_ + ": " + found.reason, id_});
  }
  settings_->reach->dial(found, to, worker_.executor(),
                         [self = shared_from_this()](dialed result) { self->on_dialed(std::move(result)); });
}

void client::answer_own_request(const http_proxy_reader& asked) {
  std::vector<std::string> domains, hosts;
  for (const name& d : settings_->options.routes.allowed) domains.push_back(host_text(d));
  for (const host_mapping& m : settings_->options.routes.mappings) hosts.push_back(host_text(m.host));
  send_last(own_reply(asked, door_->at.port, proxy_pac(door_->at.port, domains, hosts), id_));
}

void client::on_dialed(dialed result) {
  if (has_left_) return;
  worker_.shared().book.add(result, id_);
  if (result.error) {
    ++door_->counters->failed;
    refusal why = refusal_of(result, worker_.shared().listeners, id_);
    worker_.shared().log.write(log_level::warning, id_, "not connected",
                               {{"to", wanted_}, {"error", proxy_error(why.kind)}, {"reason", why.reason}});
    return refuse(why);
  }
  worker_.shared().log.write(log_level::debug, id_, "connected",
                             {{"to", wanted_}, {"address", result.made.address.to_text()}});
  const http_proxy_reader* http = handshake_ ? handshake_->http() : nullptr;
  if (http != nullptr && http->kind() == http_request_kind::forward)
    exchange_http(std::move(result));
  else
    relay(std::move(result));
}

void client::relay(dialed result) {
  auto [connected, use] = result.made.release();
  result.made.use = std::move(use);
  error_code ignored;
  detail::descriptor to(connected.release(ignored));
  relay_request request{.idle_timeout = settings_->options.idle_timeout};
  if (handshake_) {
    const proxied_address bound = local_address(to.get());
    request.for_client = to_send_ + handshake_->reader()->success_reply(bound.address, bound.port);
    request.for_backend = handshake_->reader()->take_early();
    from_.socket.reset(socket_->release(ignored));
  } else if (door_->forward->proxy_protocol) {
    request.for_backend = proxy_header(proxied(from_.address, from_.port), proxied(door_->at.address, door_->at.port));
  }
  const auto self = shared_from_this();
  worker_.relay(std::move(id_), door_, std::move(result), std::move(from_.socket), std::move(to), std::move(request));
  leave();
}

void client::exchange_http(dialed result) {
  auto [connected, use] = result.made.release();
  result.made.use = std::move(use);
  http_proxy_reader& asked = *handshake_->http();
  error_code ignored;
  const int family = result.made.address.is_v4() ? AF_INET : AF_INET6;
  socket backend(worker_.executor());
  backend.assign(asio::generic::stream_protocol(family, 0), connected.release(ignored), ignored);
  const auto self = shared_from_this();
  const bool has_body = asked.method() != "HEAD";
  worker_.pump(id_, door_, std::move(result), *std::exchange(socket_, std::nullopt), std::move(backend),
               http_forwarding(asked), [id = id_, has_body](const std::string& reason) {
                 return http_refusal({refusal_kind::bad_response, reason, id}, has_body);
               });
  leave();
}

void client::refuse(const refusal& why) {
  if (handshake_) return send_last(to_send_ + handshake_->reader()->failure_reply(why));
  // A forward has no words for it: a reset tells the client that this is no ordinary end.
  const linger hard{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(from_.socket.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close();
}

void client::send_last(std::string octets) {
  if (octets.empty()) return close();
  is_dialing_ = true;
  to_send_ = std::move(octets);
  deadline_.expires_after(patience_after_refusal);
  deadline_.async_wait([weak = weak_from_this()](error_code failed) {
    const auto self = weak.lock();
    if (self && !failed) self->close();
  });
  asio::async_write(*socket_, asio::buffer(to_send_), [self = shared_from_this()](error_code ec, std::size_t) {
    if (self->has_left_) return;
    if (ec) return self->close();
    error_code ignored;
    self->socket_->shutdown(socket::shutdown_send, ignored);
    self->read_to_end();
  });
}

// Closing with unread data would reset the connection, and the client might lose the answer.
void client::read_to_end() {
  socket_->async_read_some(asio::buffer(block_), [self = shared_from_this()](error_code ec, std::size_t) {
    if (self->has_left_) return;
    if (ec) return self->close();
    self->read_to_end();
  });
}

}  // namespace sdconnect::helper
