#include "connect/machine/connector_core.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

// RFC 8305 §3: a connect does not wait longer than this for the other address family.
constexpr std::chrono::milliseconds resolution_delay{50};

}  // namespace

service_identity::service_identity(const service_query& query)
    : qname(query.qname),
      version(query.version),
      instance(query.instance),
      subtype(query.subtype),
      default_port(query.default_port),
      only_addresses(query.only_addresses),
      same_domain(query.same_domain),
      allowed_domain(query.allowed_domain),
      require_authenticated(query.require_authenticated),
      want_ipv4(query.want_ipv4),
      want_ipv6(query.want_ipv6),
      want_txt(query.want_txt.value_or(false)) {
  for (const txt_condition& condition : query.txt) txt.emplace_back(condition.key, condition.value);
}

connector_core::connector_core(lookup_router& router, const core_options& with, random_engine random,
                               std::chrono::steady_clock::time_point now, std::function<void()> on_news)
    : options(with),
      limits(with.retries, with.rate, now),
      router_(router),
      random_(random),
      on_news_(std::move(on_news)) {}

// Completes the query, and excludes the address families that connects do not use.
service_query connector_core::completed(service_query query) const {
  query.want_ipv4 = query.want_ipv4 && options.racing.use_ipv4;
  query.want_ipv6 = query.want_ipv6 && options.racing.use_ipv6;
  query.want_txt = query.want_txt.value_or(false);
  if (!query.resolution_delay) query.resolution_delay = resolution_delay;
  return query;
}

std::shared_ptr<live_service> connector_core::serve(const service_query& query, const connect_time& now,
                                                    std::uint64_t network_changes) {
  if (std::exchange(network_changes_, network_changes) != network_changes) reset_health(now.steady);
  const service_query asked = completed(query);
  service_identity identity(asked);
  auto at = entries_.find(identity);
  if (at == entries_.end()) {
    if (entries_.size() >= options.max_services) make_room();
    balancer_options balancing = options.balancing;
    if (!balancing.seed) balancing.seed = random_();
    const std::uint64_t number = ++last_number_;
    auto made = std::make_shared<live_service>(router_, asked, balancing, options.viewing, now.steady, [this, number] {
      news_.push_back(number);
      on_news_();
    });
    services_.emplace(number, made);
    at = entries_.emplace(std::move(identity), entry{std::move(made), number, {}}).first;
  }
  at->second.used = now.boot;
  at->second.service->take_news(now.steady);
  at->second.service->memory()->balance.advance(now.steady);
  return at->second.service;
}

void connector_core::take_news(const connect_time& now) {
  for (const std::uint64_t number : std::exchange(news_, {})) {
    const auto found = services_.find(number);
    const auto service = found == services_.end() ? nullptr : found->second.lock();
    if (!service) continue;
    service->take_news(now.steady);
    service->tell(&view_waiter::on_view, now);
  }
}

void connector_core::close(const connect_time& now) {
  std::vector<std::shared_ptr<live_service>> told;
  for (const auto& [number, weak] : services_) {
    if (auto service = weak.lock()) told.push_back(std::move(service));
  }
  for (const auto& service : told) service->tell(&view_waiter::on_close, now);
  entries_.clear();
  services_.clear();
}

void connector_core::reset_health(std::chrono::steady_clock::time_point now) {
  for (const auto& [identity, kept] : entries_) kept.service->memory()->reset_health(now);
}

// Exceeds the limit only while all services are in use.
void connector_core::make_room() {
  auto oldest = entries_.end();
  for (auto at = entries_.begin(); at != entries_.end(); ++at) {
    const entry& e = at->second;
    const bool is_idle = e.service.use_count() == 1 && e.service->memory().use_count() == 1;
    if (is_idle && (oldest == entries_.end() || e.used < oldest->second.used)) oldest = at;
  }
  if (oldest == entries_.end()) return;
  services_.erase(oldest->second.number);
  entries_.erase(oldest);
}

}  // namespace sdconnect::detail
