#include "transport/query_operation.hpp"

#include "transport/asio_endpoint.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <utility>

namespace sdconnect {
namespace {

namespace asio = boost::asio;

// Datagrams taken in one go before timers get their turn again.
constexpr int datagrams_per_wakeup = 64;

bool is_lack_of_resources(error_code ec) noexcept {
  return ec == boost::system::errc::too_many_files_open || ec == boost::system::errc::too_many_files_open_in_system ||
         ec == boost::system::errc::no_buffer_space || ec == boost::system::errc::not_enough_memory ||
         ec == boost::system::errc::resource_unavailable_try_again;
}

}  // namespace

const std::vector<name_server>& dns_client::state::servers_for(const name& qname) const noexcept {
  static const std::vector<name_server> none;
  const server_set* best = nullptr;
  for (const server_set& set : options.server_sets) {
    if (!qname.is_at_or_below(set.domain)) continue;
    if (best == nullptr || set.domain.wire().size() > best->domain.wire().size()) best = &set;
  }
  return best == nullptr ? none : best->servers;
}

query_operation::query_operation(std::shared_ptr<dns_client::state> shared, const question& asked,
                                 clock::time_point deadline, completion_type done)
    : shared_(std::move(shared)),
      asked_(asked),
      deadline_(deadline),
      done_(std::move(done)),
      servers_(shared_->servers_for(asked.qname)),
      timer_(shared_->executor),
      udp_(shared_->executor) {}

void query_operation::start() {
  done_.on_cancel(shared_from_this());
  if (servers_.empty()) {
    query_result nothing;
    nothing.report.asked = asked_;
    nothing.report.status = errc::no_name_servers;
    done_.post(errc::no_name_servers, std::move(nothing));
    return;
  }
  if (shared_->waiting.empty() && shared_->in_flight < shared_->options.max_in_flight) return begin();
  shared_->waiting.push_back(weak_from_this());
  wait_until(deadline_);
}

void query_operation::begin() {
  ++shared_->in_flight;
  const clock::time_point now = clock::now();
  exchange::settings with;
  for (const name_server& server : servers_) with.servers.push_back({server.label, server.file != nullptr});
  if (shared_->options.rotate) with.first_server = shared_->rotation++;
  with.tcp_only = shared_->options.tcp_only;
  // However short the deadline, every server gets two turns before it, the second one twice as long.
  const auto share = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - now) /
                     static_cast<std::int64_t>(3 * servers_.size());
  with.first_timeout = std::max(std::min(share, shared_->options.first_timeout), std::chrono::milliseconds(1));
  with.deadline = deadline_;
  with.draw_id = [shared = shared_.get()] { return shared->ids.next16(); };
  exchange_.emplace(asked_, std::move(with));
  perform(exchange_->start(now));
}

void query_operation::perform(const exchange::action& next) {
  switch (next.what) {
    case exchange::step::send_udp: wait_until(next.until); return send_udp(next.server);
    case exchange::step::send_tcp: wait_until(next.until); return send_tcp(next.server);
    case exchange::step::wait: return;
    case exchange::step::done: return finish(exchange_->status());
  }
}

void query_operation::wait_until(clock::time_point until) {
  timer_.expires_at(until);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    // Re-arming cannot take back a handler that is already queued.
    if (ec || !self->done_.is_pending() || clock::now() < self->timer_.expiry()) return;
    if (self->exchange_) return self->perform(self->exchange_->on_timer(clock::now()));
    self->finish(errc::timed_out);  // still in the queue
  });
}

// A socket of its own for every query: the kernel draws its port, and being connected it takes datagrams from that
// server only.
void query_operation::send_udp(std::size_t server) {
  close_sockets();
  if (servers_[server].file) return ask_file(*servers_[server].file);
  const auto to =
      asio_endpoint<asio::ip::udp::endpoint>(servers_[server].address.address, servers_[server].address.port);
  error_code ec;
  udp_.open(to.protocol(), ec);
  if (!ec) udp_.non_blocking(true, ec);
  if (!ec) udp_.connect(to, ec);
  if (!ec) udp_.send(asio::buffer(exchange_->query().data(), exchange_->query().size()), 0, ec);
  if (ec) return fail_send(ec);
  wait_for_datagram();
}

void query_operation::fail_send(error_code ec) {
  const clock::time_point now = clock::now();
  if (!is_lack_of_resources(ec)) return perform(exchange_->on_network_failure(ec, now));
  close_sockets();
  const exchange::action pause = exchange_->on_local_failure(ec, now);
  wait_until(pause.until);
  perform(pause);
}

// Posted, so that a long queue of questions to a file is not answered in one deep recursion.
void query_operation::ask_file(const zone& file) {
  asio::post(shared_->executor, [self = shared_from_this(), attempt = attempt_, &file] {
    if (attempt != self->attempt_ || !self->done_.is_pending()) return;
    const std::vector<std::uint8_t> reply = file.reply(self->exchange_->query(), 65535);
    const clock::time_point now = clock::now();
    self->perform(self->exchange_->over() == dns_transport::udp ? self->exchange_->on_datagram(reply, now)
                                                                : self->exchange_->on_stream_message(reply, now));
  });
}

void query_operation::wait_for_datagram() {
  udp_.async_wait(asio::ip::udp::socket::wait_read, [self = shared_from_this(), attempt = attempt_](error_code ec) {
    if (ec == asio::error::operation_aborted || attempt != self->attempt_ || !self->done_.is_pending()) return;
    self->receive_datagrams();
  });
}

void query_operation::receive_datagrams() {
  const unsigned attempt = attempt_;
  for (int i = 0; i < datagrams_per_wakeup; ++i) {
    error_code ec;
    const std::size_t size = udp_.receive(asio::buffer(shared_->datagram), 0, ec);
    if (ec == asio::error::would_block) break;
    const clock::time_point now = clock::now();
    if (ec) return perform(exchange_->on_network_failure(ec, now));
    perform(exchange_->on_datagram({shared_->datagram.data(), size}, now));
    if (attempt != attempt_ || !done_.is_pending()) return;
  }
  wait_for_datagram();
}

// A step of the TCP dialogue: ignored when the attempt it belongs to is over, a failure when it failed, else
// `next(*this)`.
template <class Next>
auto query_operation::guarded(Next next) {
  return [self = shared_from_this(), attempt = attempt_, dialogue = tcp_, next](error_code ec, std::size_t = 0) {
    if (attempt != self->attempt_ || !self->done_.is_pending()) return;
    if (ec) return self->perform(self->exchange_->on_network_failure(ec, clock::now()));
    next(*self);
  };
}

void query_operation::send_tcp(std::size_t server) {
  close_sockets();
  if (servers_[server].file) return ask_file(*servers_[server].file);
  const auto to =
      asio_endpoint<asio::ip::tcp::endpoint>(servers_[server].address.address, servers_[server].address.port);
  tcp_ = std::make_shared<tcp_dialogue>(tcp_dialogue{asio::ip::tcp::socket(shared_->executor), {}, {}});
  error_code ec;
  tcp_->socket.open(to.protocol(), ec);
  if (ec) return fail_send(ec);

  const std::span<const std::uint8_t> query = exchange_->query();
  tcp_->octets.assign({static_cast<std::uint8_t>(query.size() >> 8), static_cast<std::uint8_t>(query.size() & 0xff)});
  tcp_->octets.insert(tcp_->octets.end(), query.begin(), query.end());
  tcp_->socket.async_connect(to, guarded([](query_operation& self) {
                               asio::async_write(self.tcp_->socket, asio::buffer(self.tcp_->octets),
                                                 self.guarded([](query_operation& op) { op.read_stream(); }));
                             }));
}

void query_operation::read_stream() {
  asio::async_read(tcp_->socket, asio::buffer(tcp_->length), guarded([](query_operation& self) {
                     tcp_dialogue& tcp = *self.tcp_;
                     tcp.octets.resize(static_cast<std::size_t>(tcp.length[0]) << 8 | tcp.length[1]);
                     asio::async_read(tcp.socket, asio::buffer(tcp.octets), self.guarded([](query_operation& op) {
                       op.perform(op.exchange_->on_stream_message(op.tcp_->octets, clock::now()));
                     }));
                   }));
}

void query_operation::cancel() {
  if (done_.is_pending()) finish(asio::error::operation_aborted);
}

void query_operation::close_sockets() {
  ++attempt_;
  error_code ignored;
  udp_.close(ignored);
  if (tcp_) std::exchange(tcp_, nullptr)->socket.close(ignored);
}

void query_operation::finish(error_code status) {
  timer_.cancel();
  close_sockets();
  query_result out;
  if (exchange_) {
    exchange_->stop(status, clock::now());
    out = exchange_->take_result();
    --shared_->in_flight;
    start_waiting(shared_);
  }
  out.report.asked = asked_;
  out.report.status = status;
  done_.post(status, std::move(out));
}

// Posted, so that a long queue of questions that fail at once does not end in one deep recursion.
void query_operation::start_waiting(const std::shared_ptr<dns_client::state>& shared) {
  if (shared->waiting.empty()) return;
  asio::post(shared->executor, [shared] {
    while (!shared->waiting.empty() && shared->in_flight < shared->options.max_in_flight) {
      const std::shared_ptr<query_operation> next = shared->waiting.front().lock();
      shared->waiting.pop_front();
      if (next && next->done_.is_pending()) next->begin();
    }
  });
}

}  // namespace sdconnect
