#include "connect/probe/probe_operation.hpp"

#include "sdconnect/connect/connector.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>

#include <utility>

namespace sdconnect::detail {

namespace asio = boost::asio;

namespace {

std::chrono::microseconds since(probe_operation::time_point then) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - then);
}

}  // namespace

probe_operation::probe_operation(task given) : task_(std::move(given)), timer_(task_.executor) {}

void probe_operation::start() {
  task_.done.on_cancel(shared_from_this());
  started_ = std::chrono::steady_clock::now();
  begin();
}

void probe_operation::cancel() {
  if (is_pending()) finish(asio::error::operation_aborted);
}

void probe_operation::arm_deadline() {
  timer_.expires_at(task_.deadline);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && self->is_pending()) self->finish(errc::deadline_passed);
  });
}

void probe_operation::finish(error_code ec) {
  seen_.elapsed = since(started_);
  timer_.cancel();
  // is_pending() is false from here on, so the completions that abandon() causes cannot end the
  // probe a second time.
  task_.done.post(ec, std::move(seen_));
  abandon();
}

void connected_probe::begin() {
  if (prepared().tls_error) return finish(prepared().tls_error);
  const time_point began = std::chrono::steady_clock::now();
  async_connect_in_order(executor(), {where()}, options().connecting, deadline(),
                         asio::bind_cancellation_slot(connecting_.slot(), [self = shared_from_this(), this, began](
                                                                              error_code ec, connection made) {
                           if (!is_pending()) return;
                           seen().connect_time = since(began);
                           seen().attempts = std::move(made.attempts);
                           if (!ec) {
                             seen().address = made.address;
                             return use(made.release().first);
                           }
                           if (seen().attempts.empty()) return finish(ec);
                           const connect_attempt& last = seen().attempts.back();
                           seen().address = last.address;
                           // For a single endpoint, "Connection refused" tells more than "no
                           // endpoint reachable".
                           finish(ec == errc::unreachable ? last.result : ec);
                         }));
}

void connected_probe::use(asio::ip::tcp::socket socket) {
  const probe_options& with = options();
  if (prepared().tls) {
    const tls_names names = tls_names_of(with.server_name, with.tls_name, host_text(where().target));
    stream_.emplace(std::move(socket), prepared().tls, names.certificate, names.server_name);
  } else {
    stream_.emplace(std::move(socket));
  }
  on_connected(*stream_);
}

void connected_probe::abandon() noexcept {
  connecting_.emit(asio::cancellation_type::terminal);
  if (stream_) stream_->close();
}

error_code answer_fault(error_code ec) noexcept {
  return ec == asio::error::eof || is_cut_tls(ec) ? closed_unanswered() : ec;
}

}  // namespace sdconnect::detail
