// What a helper tells about itself, and what it does on the word of its status page.
#include "helper/run/helper.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace sdconnect::helper {
namespace {

using cli::log_level;

constexpr std::chrono::seconds watch_period{1};
constexpr std::size_t most_watched_endpoints = 2000;

std::string endpoint_text(const name& service, const endpoint& e) {
  return service.to_text() + ' ' + host_text(e.target) + ':' + std::to_string(e.port);
}

}  // namespace

std::string helper::why_not_ready() {
  if (is_draining_) return "it is ending";
  const auto current = shared_.current();
  if (!current) return "it starts";
  const std::vector<service_status> known = current->reach->status();
  for (const forward_options& f : current->options.forwards) {
    if (f.at.kind == listen_kind::udp) continue;
    const bool has_endpoint = std::ranges::any_of(
        known, [&](const service_status& s) -> bool { return s.query == f.service && !s.endpoints.empty(); });
    if (has_endpoint) continue;
    static_cast<void>(current->reach->find_balancer(f.service));  // asks DNS, unless that is under way
    return "no endpoint of " + f.service.to_text();
  }
  return {};
}

helper_status helper::snapshot() {
  const auto current = shared_.current();
  helper_status out;
  out.version = version_;
  out.not_ready_because = why_not_ready();
  out.is_ready = out.not_ready_because.empty();
  out.is_draining = is_draining_;
  out.time = std::chrono::system_clock::now();
  out.now = std::chrono::steady_clock::now();
  out.uptime = std::chrono::floor<std::chrono::seconds>(out.now - started_);
  for (const auto& [key, w] : ways_) {
    const door& d = *w.through;
    out.listeners.push_back({.kind = !d.forward                      ? listener_kind::proxy
                                     : d.at.kind == listen_kind::udp ? listener_kind::udp_forward
                                                                     : listener_kind::forward,
                             .address = d.at.to_text(),
                             .service = d.forward ? d.forward->service.to_text() : "",
                             .clients = d.counters->now,
                             .accepted = d.counters->accepted,
                             .refused = d.counters->refused});
  }
  std::set<name> configured;
  for (const forward_options& f : current->options.forwards) configured.insert(f.service);
  for (const host_mapping& m : current->options.routes.mappings) configured.insert(m.service);
  for (service_status& s : current->reach->status()) {
    status_service shown{.query = s.query, .is_configured = configured.contains(s.query)};
    if (s.ttl_left) shown.ttl_left = std::chrono::ceil<std::chrono::seconds>(*s.ttl_left);
    shown.is_stale = s.stale;
    if (s.status) shown.problem = s.status.message();
    for (endpoint_status& e : s.endpoints) {
      const ledger::traffic carried = shared_.book.of(s.query, e.where);
      shown.endpoints.push_back({.balanced = std::move(e),
                                 .octets_up = carried.up,
                                 .octets_down = carried.down,
                                 .last_error = carried.last_error});
    }
    service_meter& meter = meters_[s.query];
    meter.update(shown.endpoints);
    shown.totals = meter.totals();
    out.services.push_back(std::move(shown));
  }
  for (auto at = meters_.begin(); at != meters_.end();) {
    const bool is_known =
        std::ranges::any_of(out.services, [&](const status_service& s) -> bool { return s.query == at->first; });
    if (!is_known) out.forgotten += at->second.totals();
    at = is_known ? std::next(at) : meters_.erase(at);
  }
  forgotten_ += out.forgotten;
  out.forgotten = forgotten_;
  out.cache = current->reach->find().statistics();
  shared_.book.fill(out);
  return out;
}

std::string helper::perform(const status_action& action) {
  const auto current = shared_.current();
  if (action.kind == status_action_kind::refresh) {
    current->reach->forget_answers();
    shared_.book.add_change(action.service, "", "refresh requested");
    return {};
  }
  const result<name> service = name::from_text(action.service), target = name::from_text(action.target);
  if (!service || !target) return "not a service and a target";
  const std::vector<service_status> known = current->reach->status();
  const auto of_service =
      std::ranges::find_if(known, [&](const service_status& s) -> bool { return s.query == *service; });
  if (of_service == known.end()) return "no such service";
  const std::shared_ptr<balancer> balance = current->reach->find_balancer(*service);
  if (!balance) return "the helper is ending";
  for (const balanced_endpoint& e : *balance->endpoints()) {
    if (e.where.target != *target || e.where.port != action.port) continue;
    const bool is_good = action.kind == status_action_kind::restore;
    // As many reports as any options of health need.
    constexpr int reports = 10;
    for (int i = 0; i < reports; ++i) balance->report_probe(*e.record, is_good);
    shared_.book.add_change(service->to_text(), host_text(*target) + ':' + std::to_string(action.port),
                            is_good ? "restored by hand" : "ejected by hand");
    return {};
  }
  return "no such endpoint";
}

// Compares the endpoints with those of a second ago.
void helper::note_changes() {
  std::map<std::string, std::string> now;
  const std::vector<service_status> known = shared_.current()->reach->status();
  for (const service_status& s : known) {
    if (now.size() + s.endpoints.size() > most_watched_endpoints) break;
    for (const endpoint_status& e : s.endpoints) {
      std::string& text = now[endpoint_text(s.query, e.where)];
      if (e.is_draining) {
        text = "removed";
        continue;
      }
      text = to_string(e.health.state);
      if (e.health.reason != health_reason::none) text += std::string(": ") + std::string(to_string(e.health.reason));
    }
  }
  const auto note = [&](const std::string& which, const std::string& what) {
    const std::size_t blank = which.find(' ');
    const std::string service = which.substr(0, blank), subject = which.substr(blank + 1);
    shared_.book.add_change(service, subject, what);
    shared_.log.write(log_level::info, "", "endpoint changed",
                      {{"service", service}, {"endpoint", subject}, {"now", what}});
  };
  for (const auto& [which, what] : now) {
    const auto before = healths_.find(which);
    if (before == healths_.end())
      note(which, "added");
    else if (before->second != what)
      note(which, what);
  }
  for (const auto& [which, what] : healths_) {
    if (!now.contains(which) && what != "removed") note(which, "removed");
  }
  healths_ = std::move(now);
  watch_timer_.expires_after(watch_period);
  watch_timer_.async_wait([this](error_code ec) {
    if (!ec) note_changes();
  });
}

}  // namespace sdconnect::helper
