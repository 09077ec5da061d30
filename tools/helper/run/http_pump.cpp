#include "helper/run/http_pump.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace sdconnect::helper {
namespace {

namespace asio = boost::asio;

/// How long a client may take to close after the end of a response. Closing first would reset the
/// connection if the client has sent more, and could destroy the response.
constexpr std::chrono::seconds patience_after_response{5};

}  // namespace

http_pump::http_pump(socket client, socket backend, http_forwarding exchange, std::chrono::milliseconds idle_timeout,
                     handlers then)
    : client_(std::move(client)),
      backend_(std::move(backend)),
      exchange_(std::move(exchange)),
      idle_timeout_(idle_timeout),
      then_(std::move(then)),
      timer_(client_.get_executor()) {}

void http_pump::start() {
  for_backend_ = exchange_.take_beginning();
  if (exchange_.client_failed()) return end(relay_side::client, asio::error::invalid_argument);
  report_.first_up = static_cast<std::uint8_t>(for_backend_.front());
  is_writing_to_backend_ = true;
  asio::async_write(backend_, asio::buffer(for_backend_),
                    [self = shared_from_this()](error_code ec, std::size_t octets) {
                      self->is_writing_to_backend_ = false;
                      self->report_.octets_up += octets;
                      // The backend may have answered although it does not read any more: its response counts.
                      if (!ec || self->is_finishing_) self->read_client();
                    });
  read_backend();
  restart_timer(idle_timeout_);
}

void http_pump::close() { end(relay_side::client, asio::error::operation_aborted); }

void http_pump::restart_timer(std::chrono::milliseconds limit) {
  if (limit == std::chrono::milliseconds::max()) return;
  timer_.expires_after(limit);
  timer_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (!self || ec) return;
    self->report_.was_forced = !self->is_finishing_;
    self->end(relay_side::client, {});
  });
}

void http_pump::read_client() {
  if (has_ended_ || std::exchange(is_reading_client_, true)) return;
  client_.async_read_some(asio::buffer(from_client_), [self = shared_from_this()](error_code ec, std::size_t octets) {
    self->is_reading_client_ = false;
    if (self->switching_ && !self->has_ended_) {
      self->for_backend_.assign(self->from_client_.data(), octets);
      return self->switch_protocols();
    }
    if (self->has_ended_) return;
    if (!ec) return self->on_client(octets);
    if (ec == asio::error::eof && !self->is_finishing_ && self->exchange_.request_is_done()) return;  // it only listens
    if (self->is_finishing_) return self->end(relay_side::backend, self->report_.error);
    self->end(relay_side::client, ec == asio::error::eof ? error_code() : ec);
  });
}

void http_pump::on_client(std::size_t octets) {
  if (is_finishing_) return read_client();
  for_backend_ = exchange_.put_client({from_client_.data(), octets});
  if (exchange_.client_failed()) return end(relay_side::client, asio::error::invalid_argument);
  restart_timer(idle_timeout_);
  if (for_backend_.empty()) return read_client();  // behind the request: dropped
  is_writing_to_backend_ = true;
  asio::async_write(backend_, asio::buffer(for_backend_), [self = shared_from_this()](error_code ec, std::size_t sent) {
    self->is_writing_to_backend_ = false;
    self->report_.octets_up += sent;
    if (!ec || self->is_finishing_) self->read_client();
  });
}

void http_pump::read_backend() {
  if (has_ended_) return;
  backend_.async_read_some(asio::buffer(from_backend_), [self = shared_from_this()](error_code ec, std::size_t octets) {
    if (self->has_ended_) return;
    if (ec) return self->on_backend_end(ec);
    self->on_backend(octets);
  });
}

void http_pump::on_backend(std::size_t octets) {
  for_client_ = exchange_.put_backend({from_backend_.data(), octets});
  if (exchange_.backend_failed()) return on_backend_end(asio::error::invalid_argument);
  if (exchange_.request_is_raw() && !is_writing_to_backend_) {
    switching_ = true;
    for_backend_.clear();
    if (!is_reading_client_) return switch_protocols();
    // A read that has completed still brings its octets.
    error_code ignored;
    client_.cancel(ignored);
    return;
  }
  restart_timer(idle_timeout_);
  if (for_client_.empty()) return read_backend();
  asio::async_write(client_, asio::buffer(for_client_), [self = shared_from_this()](error_code ec, std::size_t sent) {
    self->report_.octets_down += sent;
    if (ec) return self->end(relay_side::client, ec);
    self->read_backend();
  });
}

void http_pump::on_backend_end(error_code ec) {
  if (exchange_.response_is_raw() || exchange_.request_is_raw()) {
    if (ec == asio::error::eof) return finish_response();
    return end(relay_side::backend, ec);
  }
  report_.error = ec;
  report_.ended_first = relay_side::backend;
  const bool is_garbage = exchange_.backend_failed();
  for_client_ = then_.refusal_text(is_garbage               ? "the endpoint did not answer with HTTP"
                                   : ec == asio::error::eof ? "the endpoint closed the connection without an answer"
                                                            : "the endpoint broke the connection: " + ec.message());
  asio::async_write(client_, asio::buffer(for_client_), [self = shared_from_this()](error_code failed, std::size_t) {
    if (failed) return self->end(relay_side::client, failed);
    self->finish_response();
  });
}

void http_pump::finish_response() {
  is_finishing_ = true;
  error_code ignored;
  backend_.close(ignored);
  client_.shutdown(socket::shutdown_send, ignored);
  timer_.cancel();
  restart_timer(patience_after_response);
  read_client();  // until it closes
}

void http_pump::switch_protocols() {
  has_ended_ = true;
  timer_.cancel();
  then_.on_switched(
      detail::descriptor(client_.release()), detail::descriptor(backend_.release()),
      {.for_backend = std::move(for_backend_), .for_client = std::move(for_client_), .idle_timeout = idle_timeout_});
}

void http_pump::end(relay_side by, error_code ec) {
  if (std::exchange(has_ended_, true)) return;
  timer_.cancel();
  error_code ignored;
  if (ec) client_.set_option(socket::linger(true, 0), ignored);  // an incomplete response must not look complete
  client_.close(ignored);
  backend_.close(ignored);
  report_.ended_first = by;
  report_.error = ec;
  then_.on_end(report_);
}

}  // namespace sdconnect::helper
