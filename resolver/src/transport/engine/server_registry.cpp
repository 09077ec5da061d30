#include "transport/engine/server_registry.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {
namespace {

bool same_tls(const std::optional<tls_options>& a, const std::optional<tls_options>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->server_name == b->server_name && a->pins == b->pins && a->ca_file == b->ca_file &&
         a->opportunistic == b->opportunistic;
}

bool same_server(const name_server& a, const name_server& b) {
  return a.address == b.address && a.file == b.file && a.label == b.label && a.trusts_ad == b.trusts_ad &&
         same_tls(a.tls, b.tls);
}

bool is_asked_alike(const server_registry::group& a, const server_registry::group& b) {
  return a.domain == b.domain && a.servers == b.servers && a.rotate == b.rotate && a.with.tcp_only == b.with.tcp_only &&
         a.with.use_0x20 == b.with.use_0x20 && a.with.first_timeout == b.with.first_timeout &&
         a.with.attempts == b.with.attempts && a.with.scope == b.with.scope;
}

answer_scope scope_of(const name& domain, const std::vector<server_set>& sets) {
  answer_scope out{domain, {}};
  for (const server_set& set : sets) {
    if (set.domain != domain && set.domain.is_at_or_below(domain)) out.other.push_back(set.domain);
  }
  return out;
}

}  // namespace

void server_registry::replace(const options& with) {
  std::list<group> made;
  for (const server_set& set : with.sets) made.push_back(made_group(set, with));

  for (group& old : groups_) old.is_current = false;
  for (auto next = made.begin(); next != made.end();) {
    const auto fresh = next++;
    const auto old =
        std::ranges::find_if(groups_, [&](const group& g) { return !g.is_current && is_asked_alike(g, *fresh); });
    if (old == groups_.end()) {
      take_over_knowledge(*fresh);
      groups_.splice(groups_.end(), made, fresh);
      continue;
    }
    old->is_current = true;
    groups_.splice(groups_.end(), groups_, old);  // of sets with equal domains the first one counts
  }
  has_unused_ = true;
}

// Measurements of a server are also valid in another set.
void server_registry::take_over_knowledge(group& fresh) const noexcept {
  for (std::size_t i = 0; i < fresh.servers.size(); ++i) {
    for (const group& old : groups_) {
      const auto same = std::ranges::find(old.servers, fresh.servers[i]);
      if (same == old.servers.end()) continue;
      fresh.book.take_over(i, old.book, static_cast<std::size_t>(same - old.servers.begin()));
      break;
    }
  }
}

server_registry::group server_registry::made_group(const server_set& set, const options& with) {
  group out{
      .domain = set.domain,
      .servers = {},
      .with = {},
      .rotate = with.rotate,
      .book = server_statistics(set.servers.size(), {.first_timeout = with.first_timeout, .rotate = with.rotate})};
  out.with.tcp_only = with.tcp_only;
  out.with.use_0x20 = with.use_0x20;
  out.with.first_timeout = with.first_timeout;
  out.with.attempts = with.attempts;
  out.with.scope = scope_of(set.domain, with.sets);
  for (const name_server& server : set.servers) {
    out.servers.push_back(number_of(server));
    out.with.servers.push_back({.label = server.label,
                                .is_file = server.file != nullptr,
                                .trusts_ad = server.trusts_ad,
                                .stream_only = server.tls.has_value(),
                                .stream = server.tls ? dns_transport::tls : dns_transport::tcp});
  }
  return out;
}

std::size_t server_registry::number_of(const name_server& server) {
  const auto same = std::ranges::find_if(servers_, [&](const auto& s) { return s && same_server(*s, server); });
  if (same != servers_.end()) return static_cast<std::size_t>(same - servers_.begin());
  auto place = std::ranges::find(servers_, nullptr);
  if (place == servers_.end()) place = servers_.insert(servers_.end(), nullptr);
  *place = std::make_shared<const name_server>(server);
  return static_cast<std::size_t>(place - servers_.begin());
}

server_registry::group* server_registry::take(const name& qname) noexcept {
  group* best = nullptr;
  for (group& g : groups_) {
    if (!g.is_current || !qname.is_at_or_below(g.domain)) continue;
    if (best == nullptr || g.domain.wire().size() > best->domain.wire().size()) best = &g;
  }
  if (best == nullptr || best->servers.empty()) return nullptr;
  ++best->questions;
  return best;
}

void server_registry::release(group& of) noexcept {
  if (--of.questions == 0 && !of.is_current) has_unused_ = true;
}

std::vector<std::size_t> server_registry::take_unused() {
  std::vector<std::size_t> unused;
  if (!std::exchange(has_unused_, false)) return unused;
  groups_.remove_if([](const group& g) { return !g.is_current && g.questions == 0; });
  for (std::size_t number = 0; number < servers_.size(); ++number) {
    const bool is_used = std::ranges::any_of(
        groups_, [&](const group& g) { return std::ranges::find(g.servers, number) != g.servers.end(); });
    if (is_used || servers_[number] == nullptr) continue;
    servers_[number] = nullptr;
    unused.push_back(number);
  }
  return unused;
}

}  // namespace sdconnect::detail
