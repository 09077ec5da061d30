/// \file
/// A service as a connector knows it, and connects to it in simulated time.
#pragma once

#include "connect/connector/pure_options.hpp"
#include "connect/race/attempt_outcome.hpp"
#include "connect/race/balanced_race.hpp"
#include "sdconnect/connect/connect_options.hpp"
#include "support/name_of.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

struct known_service {
  using time_point = race::time_point;

  time_point now{std::chrono::hours(1)};
  std::vector<endpoint> listed;
  connector_options options;
  std::shared_ptr<service_memory> service;
  connect_limits limits;

  explicit known_service(connector_options with = {})
      : options(with),
        service(std::make_shared<service_memory>(
            [&] {
              if (!with.balancing.seed) with.balancing.seed = 7;
              return with.balancing;
            }(),
            now)),
        limits(with.retries, with.rate, now) {}

  endpoint& list(std::uint16_t port, std::uint16_t priority = 0, std::uint32_t weight = 1, unsigned last_octet = 1) {
    endpoint e;
    e.target = name_of("h.example.com");
    e.port = port;
    e.priority = priority;
    e.weight = weight;
    e.addresses = {ip_address::v4({192, 0, 2, static_cast<std::uint8_t>(last_octet)})};
    return listed.emplace_back(e);
  }

  std::shared_ptr<service_memory> serve() {
    service->take(listed, now);
    service->balance.advance(now);
    return service;
  }
  endpoint_health health_of(std::uint16_t port) {
    for (const endpoint_status& s : serve()->balance.status()) {
      if (s.where.port == port) return s.health;
    }
    FAIL("no such endpoint");
    return {};
  }

  /// A connect to the endpoints of one DNS answer.
  struct paper_connect {
    std::unique_ptr<balanced_race> r;
    race::step step;
    std::vector<std::uint16_t> tried;  ///< ports, in the order of the attempts
    std::vector<std::string> at;       ///< "ADDRESS PORT", likewise

    void note(race::step next) {
      step = std::move(next);
      for (const std::size_t c : step.start) {
        tried.push_back(r->candidate(c).port);
        at.push_back(r->candidate(c).address.to_text() + ' ' + std::to_string(tried.back()));
      }
    }
    [[nodiscard]] std::optional<std::uint16_t> winner() const {
      if (!r->winner()) return {};
      return r->candidate(*r->winner()).port;
    }
  };
  std::unique_ptr<paper_connect> connect(std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    auto out = std::make_unique<paper_connect>();
    attempt_plan plan = serve()->plan(now);
    out->r = std::make_unique<balanced_race>(service, limits, race_options_of(options.connecting, now + timeout),
                                             std::move(plan), now);
    out->note(out->r->start(now));
    return out;
  }
  /// DNS has an update for a connect.
  void tell(paper_connect& c) { c.note(c.r->more(serve()->plan(now), now)); }
  void refuse(paper_connect& c, std::size_t candidate) {
    c.note(c.r->on_failed(candidate, system_error(boost::system::errc::connection_refused), now));
  }
  void accept(paper_connect& c, std::size_t candidate) { c.note(c.r->on_connected(candidate, now)); }
  void wait(paper_connect& c) { c.note(c.r->on_timer(now = std::max(now, c.step.wake))); }

  enum class reaction { connects, refuses, swallows };
  /// Runs until the connect has ended: each attempt ends as `behaviour(port)` says, without time
  /// passing, except for swallowed ones.
  void finish(paper_connect& c, const std::function<reaction(std::uint16_t)>& behaviour) {
    while (!c.step.done) {
      const std::vector<std::size_t> started = std::exchange(c.step.start, {});
      bool has_heard = false;
      for (const std::size_t candidate : started) {
        const reaction how = behaviour(c.r->candidate(candidate).port);
        if (how == reaction::swallows) continue;
        has_heard = true;
        how == reaction::connects ? accept(c, candidate) : refuse(c, candidate);
        break;  // one attempt starts at a time here
      }
      if (!has_heard && !c.step.done) wait(c);
    }
  }
  /// Runs a complete connect.
  std::unique_ptr<paper_connect> run(const std::function<reaction(std::uint16_t)>& behaviour) {
    auto c = connect();
    finish(*c, behaviour);
    return c;
  }
};

}  // namespace sdconnect::test
