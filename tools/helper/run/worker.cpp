#include "helper/run/worker.hpp"

#include "sdconnect/dns/service_name.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace sdconnect::helper {
namespace {

namespace asio = boost::asio;
using cli::log_level;

constexpr std::chrono::seconds tick_period{1};
constexpr int ticks_until_refresh = 10;
constexpr std::uint8_t tls_handshake = 0x16;  // the first octet of a ClientHello

/// What the end of a stream says about its endpoint. A connection that carried nothing says nothing:
/// browsers open some in advance, and try https where http is spoken.
std::optional<outcome_kind> outcome_of(const relay_report& report) {
  if (report.was_forced || report.ended_first != relay_side::backend) return {};
  if (report.octets_up == 0 || report.first_up == tls_handshake) return {};
  if (report.octets_down > 0) return {};
  return report.error ? outcome_kind::reset : outcome_kind::closed_silently;
}

}  // namespace

worker::worker(shared_state& shared, asio::any_io_executor executor)
    : shared_(shared), executor_(std::move(executor)), engine_(executor_), tick_(executor_) {
  tick_later();
}

worker::~worker() {
  close_listeners();
  end_all();
}

void worker::open(const std::string& key, std::shared_ptr<const door> with, std::optional<detail::descriptor> socket) {
  const auto known = doors_.find(key);
  if (known != doors_.end() && !socket) {
    *known->second.current = std::move(with);
    return;
  }
  auto current = std::make_shared<std::shared_ptr<const door>>(with);
  auto listening =
      std::make_shared<listener>(executor_, *std::move(socket), with->at, shared_.current()->options.max_rate,
                                 [this, current](accepted from) { accept(*current, std::move(from)); });
  listening->start();
  doors_[key] = {std::move(listening), std::move(current)};
}

void worker::close(const std::string& key) {
  const auto known = doors_.find(key);
  if (known == doors_.end()) return;
  known->second.listening->close();
  doors_.erase(known);
}

void worker::close_listeners() {
  for (const auto& [key, door] : doors_) door.listening->close();
  doors_.clear();
}

void worker::end_all() {
  // Each removes itself.
  while (!clients_.empty()) {
    const std::shared_ptr<client> first = clients_.begin()->second;
    first->close();
  }
  for (auto at = streams_.begin(); at != streams_.end();) end(*at++);  // a pump that ends removes itself
}

void worker::accept(const std::shared_ptr<const door>& through, accepted from) {
  door_counters& counters = *through->counters;
  ++counters.accepted;
  const helper_options& options = shared_.current()->options;
  if (shared_.clients >= options.max_clients) {
    ++counters.refused;
    if (!std::exchange(has_told_limit_, true))
      shared_.log.write(log_level::warning, "", "too many clients",
                        {{"listener", through->at.to_text()}, {"limit", std::uint64_t{options.max_clients}}});
    return;
  }
  ++shared_.clients;
  ++counters.now;
  auto made = std::make_shared<client>(*this, std::move(from), through);
  clients_.emplace(made.get(), made);
  if (!through->forward) {
    std::erase_if(handshakes_, [](const std::weak_ptr<client>& c) {
      const auto alive = c.lock();
      return !alive || !alive->is_in_handshake();
    });
    if (handshakes_.size() >= options.max_handshakes) make_room_for_handshake();
    handshakes_.push_back(made);
  }
  made->start();
}

// FAULTS L11: slow clients must not keep others out.
void worker::make_room_for_handshake() {
  const std::shared_ptr<client> oldest = handshakes_.front().lock();
  handshakes_.pop_front();
  if (oldest) oldest->close();
}

void worker::forget(const client& gone) { clients_.erase(&gone); }

void worker::count_end(const door& through) {
  --through.counters->now;
  --shared_.clients;
}

worker::stream_list::iterator worker::add(std::string id, std::shared_ptr<const door> through, dialed made) {
  streams_.push_back(
      {std::move(id), std::move(through), made.service, std::move(made.made.where), std::move(made.made.use)});
  return std::prev(streams_.end());
}

void worker::relay(std::string id, std::shared_ptr<const door> through, dialed made, detail::descriptor from,
                   detail::descriptor to, relay_request request) {
  const auto at = add(std::move(id), std::move(through), std::move(made));
  request.on_end = [this, at](const relay_report& report) { on_end(at, report); };
  at->relayed = engine_.start(std::move(from), std::move(to), std::move(request));
}

void worker::pump(std::string id, std::shared_ptr<const door> through, dialed made, http_pump::socket from,
                  http_pump::socket to, http_forwarding exchange,
                  std::function<std::string(std::string)> refusal_text) {
  const auto at = add(std::move(id), std::move(through), std::move(made));
  const auto idle_timeout = shared_.current()->options.idle_timeout;
  auto pumping = std::make_shared<http_pump>(
      std::move(from), std::move(to), std::move(exchange), idle_timeout,
      http_pump::handlers{.on_switched =
                              [this, at](detail::descriptor client, detail::descriptor backend, relay_request request) {
                                at->pumped.reset();
                                request.on_end = [this, at](const relay_report& report) { on_end(at, report); };
                                at->relayed = engine_.start(std::move(client), std::move(backend), std::move(request));
                              },
                          .on_end = [this, at](const relay_report& report) { on_end(at, report); },
                          .refusal_text = std::move(refusal_text)});
  at->pumped = pumping;
  pumping->start();
}

void worker::on_end(stream_list::iterator at, const relay_report& report) {
  stream& s = *at;
  if (s.use) {
    if (const std::optional<outcome_kind> outcome = outcome_of(report)) s.use->report(*outcome);
  }
  shared_.book.add_octets(s.service, s.where, report.octets_up - std::min(report.octets_up, s.counted.first),
                          report.octets_down - std::min(report.octets_down, s.counted.second));
  shared_.log.write(log_level::debug, s.id, "ended",
                    {{"octets-up", report.octets_up},
                     {"octets-down", report.octets_down},
                     {"by", report.was_forced                           ? "this helper"
                            : report.ended_first == relay_side::backend ? "the endpoint"
                                                                        : "the client"},
                     {"error", report.error ? report.error.message() : std::string()}});
  count_end(*s.through);
  streams_.erase(at);
}

void worker::end(stream& which) {
  if (which.relayed != 0) return engine_.end(which.relayed);
  if (const auto pumping = which.pumped.lock()) pumping->close();
}

void worker::tick_later() {
  tick_.expires_after(tick_period);
  tick_.async_wait([this](error_code ec) {
    if (ec) return;
    tick();
    tick_later();
  });
}

// A service with connections but no connects is refreshed too: otherwise nobody would notice that
// their endpoint has left DNS.
void worker::refresh_services() {
  if (++ticks_ % ticks_until_refresh != 0) return;
  std::set<std::pair<name, bool>> services;
  for (const stream& s : streams_) services.emplace(s.service, s.through->forward && s.through->forward->affinity);
  const auto current = shared_.current();
  for (const auto& [service, is_sticky] : services) {
    if (split_service_name(service)) current->reach->refresh(service, is_sticky);
  }
}

void worker::tick() {
  has_told_limit_ = false;
  refresh_services();
  const auto now = std::chrono::steady_clock::now();
  for (auto at = streams_.begin(); at != streams_.end();) {
    stream& s = *at++;  // a pump that ends removes itself
    if (s.relayed != 0) {
      const auto [up, down] = engine_.octets(s.relayed);
      if (up > s.counted.first || down > s.counted.second) {
        shared_.book.add_octets(s.service, s.where, up - std::min(up, s.counted.first),
                                down - std::min(down, s.counted.second));
        s.counted = {up, down};
      }
    }
    if (!s.use) continue;
    const auto deadline = s.use->drain_deadline();
    if (!deadline || now < *deadline) continue;
    shared_.log.write(log_level::info, s.id, "its endpoint has left DNS", {{"to", s.service.to_text()}});
    end(s);
  }
}

}  // namespace sdconnect::helper
