/// \file
/// A connector, one of its services as it knows it, and races in it with a clock of paper.
#pragma once

#include "connect/balanced_context.hpp"
#include "connect/race.hpp"
#include "unit/transport/asking.hpp"

#include <boost/asio/error.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {

struct known_service {
  using time_point = race::time_point;

  asking a;
  time_point now{std::chrono::hours(1)};
  std::vector<endpoint> listed;
  std::optional<rr_type> unanswered;  ///< of addresses
  std::shared_ptr<connector_state> state;

  explicit known_service(connector_options options = {}) {
    if (!options.balancing.seed) options.balancing.seed = 7;
    state = std::make_shared<connector_state>(resolver(a.client()), options, random_engine(1), now);
  }

  void list(std::uint16_t port, std::uint16_t priority = 0, std::uint32_t weight = 1, unsigned last_octet = 1) {
    endpoint e;
    e.target = name_of("h.example.com");
    e.port = port;
    e.priority = priority;
    e.weight = weight;
    e.addresses = {ip_address::v4({192, 0, 2, static_cast<std::uint8_t>(last_octet)})};
    listed.push_back(e);
  }

  std::shared_ptr<served_service> serve() {
    service found;
    found.endpoints = listed;
    for (const endpoint& e : listed) {
      for (const rr_type family : {rr_type::a, rr_type::aaaa}) {
        found.queries.push_back(
            {.asked = {e.target, family}, .status = family == unanswered ? errc::query_timed_out : errc{}});
      }
    }
    return state->serve(service_identity(service_query::from_text("_x._tcp.example.com").value()), found, now);
  }
  endpoint_health health_of(std::uint16_t port) {
    for (const endpoint_status& s : serve()->balance.status()) {
      if (s.where.port == port) return s.health;
    }
    FAIL("no such endpoint");
    return {};
  }

  /// What connect_operation makes of an answer of DNS.
  struct paper_connect {
    attempt_plan plan;
    std::vector<race_candidate> candidates;
    std::unique_ptr<balanced_context> context;
    std::unique_ptr<race> r;
    race::step step;
    std::vector<std::uint16_t> tried;  ///< ports, in the order of the attempts

    void note() {
      for (const std::size_t c : step.start) tried.push_back(r->candidate(c).port);
    }
    [[nodiscard]] std::optional<std::uint16_t> winner() const {
      if (!r->winner()) return {};
      return r->candidate(*r->winner()).port;
    }
  };
  std::unique_ptr<paper_connect> connect(std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    auto out = std::make_unique<paper_connect>();
    const auto service = serve();
    out->plan = service->plan(now);
    std::vector<const endpoint*> order;
    for (const std::uint32_t index : out->plan.order) order.push_back(&(*out->plan.set)[index].where);
    out->candidates = race_candidates(order, true, true, [&](const endpoint& e, const ip_address& address) {
      return service->addresses.failed_lately(e, address, now);
    });
    out->context = std::make_unique<balanced_context>(state, service, out->plan);
    state->on_request(now);
    const connect_options& with = state->options.connecting;
    out->r = std::make_unique<race>(
        out->candidates, race::settings{with.attempt_delay, with.attempt_timeout, now + timeout, with.hedge_delay},
        *out->context);
    out->step = out->r->start(now);
    out->note();
    return out;
  }

  enum class reaction { connects, refuses, swallows };
  /// A whole connect; each attempt ends as `behaviour(port)` says, without time passing, but for what is swallowed.
  std::unique_ptr<paper_connect> run(const std::function<reaction(std::uint16_t)>& behaviour) {
    auto c = connect();
    while (!c->step.done) {
      const std::vector<std::size_t> started = std::exchange(c->step.start, {});
      bool has_heard = false;
      for (const std::size_t candidate : started) {
        const reaction how = behaviour(c->r->candidate(candidate).port);
        if (how == reaction::swallows) continue;
        has_heard = true;
        c->step = how == reaction::connects ? c->r->on_connected(candidate, now)
                                            : c->r->on_failed(candidate, boost::asio::error::connection_refused, now);
        c->note();
        break;  // one attempt starts at a time here
      }
      if (has_heard || c->step.done) continue;
      c->step = c->r->on_timer(now = std::max(now, c->step.wake));
      c->note();
    }
    return c;
  }
};

}  // namespace sdconnect::test
