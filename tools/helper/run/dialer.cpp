#include "helper/run/dialer.hpp"

#include "helper/run/service_or_host.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace sdconnect::helper {
namespace {

namespace asio = boost::asio;

connector_options sticky(connector_options options) {
  options.balancing.policy = selection_policy::hash;
  return options;
}

bool is_no_service(error_code ec) { return ec == errc::nxdomain || ec == errc::no_data; }

}  // namespace

dialer::dialer(resolver find, const dialer_options& options)
    : options_(options),
      find_(std::move(find)),
      usual_(find_, options.connecting),
      sticky_(find_, sticky(options.connecting)) {}

void dialer::close() {
  usual_.close();
  sticky_.close();
}

service_query dialer::query_for(const name& service) const {
  service_query query = options_.wishes;
  query.qname = service;
  return query;
}

void dialer::dial(const route& to, const destination& wanted, const asio::any_io_executor& on, handler done) {
  switch (to.kind) {
    case route_kind::service: return dial_service(to.names, on, std::move(done));
    case route_kind::direct: return dial_host(wanted, on, std::move(done));
    case route_kind::service_or_host: break;
    case route_kind::refused: return;
  }
  const name& srv = to.names.front();
  if (memory_.has_none(srv, std::chrono::steady_clock::now())) return dial_host(wanted, on, std::move(done));
  service_query host = query_for(wanted.names.front());
  host.default_port = wanted.port;
  host.only_addresses = true;
  find_service_or_host(
      find_, query_for(srv), options_.allow_direct ? std::optional(host) : std::nullopt, on,
      [self = shared_from_this(), srv, wanted, on, done = std::move(done)](srv_answer answer, error_code why) mutable {
        const auto now = std::chrono::steady_clock::now();
        switch (answer) {
          case srv_answer::found: return self->dial_service({srv}, on, std::move(done));
          case srv_answer::refused: return done({.error = why, .service = srv});
          case srv_answer::none: self->memory_.note_no(srv, now); break;
          case srv_answer::silent: self->memory_.note_silence(srv, now); [[fallthrough]];
          case srv_answer::failed: ++self->fallbacks_; break;
        }
        if (!self->options_.allow_direct) return done({.error = why, .service = srv});
        self->dial_host(wanted, on, std::move(done));
      });
}

void dialer::dial_same(const name& service, std::uint64_t key, const asio::any_io_executor& on, handler done) {
  connect(sticky_, query_for(service), key, on, std::move(done));
}

void dialer::dial_service(std::vector<name> names, const asio::any_io_executor& on, handler done) {
  const service_query query = query_for(names.front());
  connect(usual_, query, {}, on,
          [self = shared_from_this(), names = std::move(names), on, done = std::move(done)](dialed made) mutable {
            if (names.size() == 1 || !is_no_service(made.error)) return done(std::move(made));
            names.erase(names.begin());
            self->dial_service(std::move(names), on, std::move(done));
          });
}

void dialer::dial_host(const destination& wanted, const asio::any_io_executor& on, handler done) {
  if (wanted.address) return dial_address(*wanted.address, wanted.port, on, std::move(done));
  service_query query = query_for(wanted.names.front());
  query.default_port = wanted.port;
  query.only_addresses = true;
  connect(usual_, query, {}, on, std::move(done));
}

void dialer::dial_address(const ip_address& address, std::uint16_t port, const asio::any_io_executor& on,
                          handler done) {
  endpoint only;
  only.port = port;
  only.addresses = {address};
  const auto& admits = options_.connecting.connecting.admits;
  if (admits && !admits(name(), only, address)) {
    auto refused = std::make_shared<dialed>(dialed{.error = errc::refused_address});
    refused->made.attempts.push_back({.address = address, .port = port, .result = errc::refused_address});
    asio::post(on, [done = std::move(done), refused] { done(std::move(*refused)); });
    return;
  }
  const auto deadline = std::chrono::steady_clock::now() + options_.wishes.timeout;
  async_connect_in_order(on, {std::move(only)}, options_.connecting.connecting, deadline,
                         asio::bind_executor(on, [done = std::move(done)](error_code ec, connection made) {
                           done({.error = ec, .made = std::move(made)});
                         }));
}

void dialer::connect(const connector& with, const service_query& query, std::optional<std::uint64_t> key,
                     const asio::any_io_executor& on, handler done) const {
  connector copy = with;
  copy.async_connect(
      query, key,
      asio::bind_executor(on, [done = std::move(done), service = query.qname](error_code ec, connection made) {
        done({.error = ec, .made = std::move(made), .service = service});
      }));
}

void dialer::refresh(const name& service, bool same) {
  static_cast<void>((same ? sticky_ : usual_).find_balancer(query_for(service)));
}

std::vector<service_status> dialer::status() const {
  std::vector<service_status> all = usual_.status();
  std::vector<service_status> more = sticky_.status();
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return all;
}

std::shared_ptr<balancer> dialer::find_balancer(const name& service) const {
  return usual_.find_balancer(query_for(service));
}

}  // namespace sdconnect::helper
