/// \file
/// One question for _x._tcp.example.com. SRV, put to servers that exist on paper only.
#pragma once

#include "support/reply_to.hpp"
#include "transport/exchange.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace sdconnect::test {

using step = exchange::step;

struct exchange_scene {
  exchange::time_point now{std::chrono::hours(1)};
  exchange::time_point began = now;
  std::uint16_t last_id = 0;
  exchange::settings with;

  /// Servers "s0", "s1", ...; a first timeout of 1 s, a deadline in 60 s; IDs 1, 2, 3, ...
  explicit exchange_scene(std::size_t servers = 2) {
    for (std::size_t i = 0; i < servers; ++i) with.servers.push_back({"s" + std::to_string(i), false});
    with.deadline = now + std::chrono::seconds(60);
    with.draw_id = [this] { return ++last_id; };
  }
  exchange_scene(const exchange_scene&) = delete;

  static question asked() { return {name::from_text("_x._tcp.example.com").value(), rr_type::srv}; }
  [[nodiscard]] exchange make() const { return exchange(asked(), with); }

  static octets data_for(const exchange& e) {
    const octets target = rdata_srv(0, 0, 80, "h.example.com");
    return reply_to(e.query()).answer(qname_of(e.query()), rr_type::srv, 60, target).bytes();
  }
  static octets rcode_for(const exchange& e, rcode code) { return reply_to(e.query()).rcode(code).bytes(); }
  static octets truncated_for(const exchange& e) {
    const octets target = rdata_srv(0, 0, 666, "partial.example.com");
    return reply_to(e.query()).tc().answer(qname_of(e.query()), rr_type::srv, 60, target).bytes();
  }
};

}  // namespace sdconnect::test
