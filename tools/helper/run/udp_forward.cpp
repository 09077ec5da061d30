#include "helper/run/udp_forward.hpp"

#include "net/io/asio_endpoint.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace sdconnect::helper {
namespace {

namespace asio = boost::asio;
using cli::log_level;

constexpr std::chrono::seconds sweep_period{10};

}  // namespace

struct udp_forward::flow {
  flow(const asio::any_io_executor& executor, udp::endpoint of)
      : client(std::move(of)), socket(executor), last_used(std::chrono::steady_clock::now()) {}

  udp::endpoint client;
  udp::socket socket;  // connected, once the endpoint is known
  std::optional<endpoint_use> use;
  std::deque<std::string> waiting;
  std::chrono::steady_clock::time_point last_used;
  bool is_over = false;
};

udp_forward::udp_forward(const asio::any_io_executor& executor, detail::descriptor socket,
                         std::shared_ptr<const door> through, shared_state& shared)
    : socket_(executor), sweep_(executor), door_(std::move(through)), shared_(shared) {
  socket_.assign(door_->at.address.is_v4() ? udp::v4() : udp::v6(), socket.release());
}

void udp_forward::start() {
  socket_.non_blocking(true);
  receive();
  sweep_later();
}

void udp_forward::close() {
  error_code ignored;
  socket_.close(ignored);
  sweep_.cancel();
  for (const auto& [client, f] : std::exchange(flows_, {})) end(f);
}

void udp_forward::receive() {
  socket_.async_receive_from(asio::buffer(block_), from_, [self = shared_from_this()](error_code ec, std::size_t size) {
    if (!self->socket_.is_open()) return;
    if (!ec) self->on_datagram(size);
    if (ec != asio::error::operation_aborted) self->receive();
  });
}

udp_forward::flow& udp_forward::flow_of(const udp::endpoint& client) {
  const auto known = flows_.find(client);
  if (known != flows_.end()) return *known->second;
  if (flows_.size() >= max_flows) {
    const auto oldest = std::min_element(flows_.begin(), flows_.end(), [](const auto& a, const auto& b) {
      return a.second->last_used < b.second->last_used;
    });
    end(std::shared_ptr<flow>(oldest->second));
  }
  ++door_->counters->accepted;
  ++door_->counters->now;
  const auto made = std::make_shared<flow>(socket_.get_executor(), client);
  flows_.emplace(client, made);
  resolve(made);
  return *made;
}

void udp_forward::on_datagram(std::size_t size) {
  flow& f = flow_of(from_);
  f.last_used = std::chrono::steady_clock::now();
  if (f.socket.is_open()) {
    error_code ignored;  // a refusal comes with the next receive
    f.socket.send(asio::buffer(block_.data(), size), 0, ignored);
    return;
  }
  if (f.waiting.size() < max_waiting) f.waiting.emplace_back(block_.data(), size);
}

void udp_forward::resolve(const std::shared_ptr<flow>& for_whom) {
  const auto current = shared_.current();
  service_query query = current->reach->wishes();
  query.qname = door_->forward->service;
  query.want_txt = false;
  resolver find = current->reach->find();
  find.async_resolve(query, asio::bind_executor(socket_.get_executor(), [self = shared_from_this(), for_whom](
                                                                            error_code ec, const service& found) {
                       self->connect(for_whom, ec, found);
                     }));
}

void udp_forward::connect(const std::shared_ptr<flow>& which, error_code ec, const service& found) {
  if (which->is_over) return;
  const std::string id = shared_.next_id();
  if (!ec) {
    balance_.update(found.endpoints);
    which->use = balance_.acquire();
    const auto& admits = shared_.current()->options.connecting.connecting.admits;
    if (which->use) {
      const endpoint& to = which->use->where();
      const auto address = std::ranges::find_if(to.addresses, [&](const ip_address& a) -> bool {
        return a.is_connectable() && (!admits || admits(found.query, to, a));
      });
      if (address == to.addresses.end())
        ec = errc::refused_address;
      else
        which->socket.connect(detail::asio_endpoint<udp::endpoint>(*address, to.port), ec);
      if (!ec) which->socket.non_blocking(true, ec);
    } else {
      ec = errc::no_usable_endpoint;
    }
  }
  if (ec) {
    ++door_->counters->failed;
    shared_.log.write(log_level::warning, id, "not forwarded", {{"to", door_->leads_to()}, {"reason", ec.message()}});
    return end(which);
  }
  error_code ignored;
  for (const std::string& datagram : std::exchange(which->waiting, {}))
    which->socket.send(asio::buffer(datagram), 0, ignored);
  receive_replies(which);
}

void udp_forward::receive_replies(const std::shared_ptr<flow>& which) {
  which->socket.async_wait(udp::socket::wait_read, [self = shared_from_this(), which](error_code ec) {
    if (which->is_over) return;
    while (!ec) {
      const std::size_t size = which->socket.receive(asio::buffer(self->block_), 0, ec);
      if (ec) break;
      which->last_used = std::chrono::steady_clock::now();
      which->use->report(outcome_kind::connected);
      error_code ignored;
      self->socket_.send_to(asio::buffer(self->block_.data(), size), which->client, 0, ignored);
    }
    if (ec == asio::error::would_block) return self->receive_replies(which);
    if (ec == asio::error::connection_refused) which->use->report(outcome_kind::refused);
    self->end(which);
  });
}

void udp_forward::end(const std::shared_ptr<flow>& which) {
  if (std::exchange(which->is_over, true)) return;
  --door_->counters->now;
  error_code ignored;
  which->socket.close(ignored);
  which->use.reset();
  flows_.erase(which->client);
}

void udp_forward::sweep_later() {
  sweep_.expires_after(sweep_period);
  sweep_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (!self || ec) return;
    std::vector<std::shared_ptr<flow>> idle;
    for (const auto& [client, f] : self->flows_) {
      if (std::chrono::steady_clock::now() - f->last_used >= idle_timeout) idle.push_back(f);
    }
    for (const auto& f : idle) self->end(f);
    self->sweep_later();
  });
}

}  // namespace sdconnect::helper
