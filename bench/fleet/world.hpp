/// \file
/// What the clients of a simulated fleet share: time, random numbers, the network, the backends,
/// DNS.
#pragma once

#include "bench/fleet/events.hpp"
#include "bench/fleet/meters.hpp"
#include "sdconnect/balancer/balancer.hpp"
#include "sdconnect/balancer/retry_budget.hpp"
#include "sdconnect/net/boot_clock.hpp"
#include "sdconnect/resolver/service_query.hpp"
#include "sdconnect/transport/dns_client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sdconnect::bench {

struct fleet_settings {
  std::size_t clients = 10'000;  ///< processes
  std::size_t endpoints = 10;
  std::chrono::seconds ttl{60};
  double requests_per_s = 1;              ///< per client, at random times
  std::chrono::seconds start_within{60};  ///< each client starts at a random time within this; 0: all at once
  std::uint64_t seed = 1;
  balancer_options balancing;
  retry_budget_options retries;
  std::chrono::milliseconds attempt_delay{250};     ///< as connect_options
  std::chrono::milliseconds attempt_timeout{2000};  ///< as connect_options
  std::chrono::milliseconds request_timeout{5000};
};

enum class backend_state : std::uint8_t {
  serving,
  refusing,  ///< answers a SYN with RST: the host is up, the program is not
  silent,    ///< SYNs are lost
};

struct backend {
  backend_state state = backend_state::serving;
  std::uint16_t priority = 0;
  std::uint16_t weight = 10;
  bool is_listed = true;        ///< in DNS, from the next zone_changed() on
  bool is_cut_off = false;      ///< from the second group of clients: their SYNs are lost
  double reset_part = 0;        ///< fraction of the connections that are reset at the end of their use
  sim_duration service_time{};  ///< how long a request uses its connection
};

enum class dns_state : std::uint8_t { answering, silent, failing };

struct fleet_event {
  enum class kind : std::uint8_t {
    change,           ///< from the scenario: number
    client_starts,    ///< client
    client_wakes,     ///< client: its discovery has work to do
    dns_reply,        ///< client, number of the query
    request_begins,   ///< client
    answer,           ///< request, candidate, generation
    request_timer,    ///< request, generation
    connection_ends,  ///< request, generation
  };
  kind what{};
  std::uint32_t subject = 0;
  std::uint32_t number = 0;
  std::uint32_t generation = 0;
};

class fleet_world {
 public:
  explicit fleet_world(const fleet_settings& with);

  const fleet_settings settings;
  sim_time now;
  random_engine random;
  event_queue<fleet_event> events;
  fleet_meters meters;
  std::vector<backend> backends;
  dns_state dns = dns_state::answering;
  service_query query;

  void push(sim_duration after, const fleet_event& what) { events.push(now + after, what); }
  [[nodiscard]] boot_clock::time_point boot_now() const noexcept {
    return boot_clock::time_point(now.time_since_epoch());
  }
  [[nodiscard]] double uniform() { return static_cast<double>(random() >> 11) * 0x1p-53; }
  [[nodiscard]] sim_duration uniform(sim_duration low, sim_duration high);
  /// Returns a random time between independent events.
  [[nodiscard]] sim_duration exponential(double per_s);

  /// Call it after changing `is_listed`, priorities or weights of backends.
  void zone_changed();
  /// Returns the answer of a working name server; backend_of() returns the backend of an endpoint.
  [[nodiscard]] query_result answer_to(rr_type asked) const;
  [[nodiscard]] static std::size_t backend_of(std::uint16_t port) noexcept {
    return static_cast<std::size_t>(port - first_port);
  }
  [[nodiscard]] static std::size_t group_of(std::size_t client) noexcept { return client % fleet_meters::groups; }

 private:
  static constexpr std::uint16_t first_port = 10'000;

  answer srv_;
};

/// Start of simulated time: far from the clock's zero, which means "never" in some places.
inline constexpr sim_time fleet_epoch{std::chrono::hours(1)};

}  // namespace sdconnect::bench
