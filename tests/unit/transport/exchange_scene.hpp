/// \file
/// One question for _x._tcp.example.com. SRV, sent to simulated servers.
#pragma once

#include "net/base/saturating.hpp"
#include "support/reply_to.hpp"
#include "transport/question/exchange.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

using step = exchange::step;

/// Performs the steps of the exchange and stores the messages sent. Set `with`, `timing` and `life`
/// before the first start().
class exchange_scene {
 public:
  struct message {
    step how{};
    std::size_t server = 0;
    std::size_t attempt = 0;
    octets query;
  };

  exchange::time_point began{std::chrono::hours(1)};
  exchange::time_point now = began;
  exchange::options with;
  server_statistics::options timing;
  std::chrono::milliseconds life{60000};
  std::uint64_t random_case = 0;
  std::uint16_t last_id = 0;

  std::optional<server_statistics> book;  ///< kept for the next start()
  answer_pool store;
  std::optional<exchange> decides;
  std::vector<message> sent;
  exchange::action state;  ///< wait or done

  /// Servers "s0", "s1", ...; a first timeout of 1 s, a deadline in 60 s; IDs 1, 2, 3, ...
  explicit exchange_scene(std::size_t servers = 2) {
    for (std::size_t i = 0; i < servers; ++i) with.servers.push_back({"s" + std::to_string(i)});
  }
  exchange_scene(const exchange_scene&) = delete;

  static question asked() { return {name::from_text("_x._tcp.example.com").value(), rr_type::srv}; }
  [[nodiscard]] exchange::time_point deadline() const { return sdconnect::detail::later(began, life); }

  exchange_scene& start() {
    began = now;
    sent.clear();
    if (!book) book.emplace(with.servers.size(), timing);
    decides.emplace(asked(), with, *book, store, deadline());
    return perform(decides->start(now));
  }
  exchange_scene& deliver(const octets& reply, std::size_t attempt) {
    return perform(decides->on_message(attempt, reply, now));
  }
  exchange_scene& deliver(const octets& reply) { return deliver(reply, sent.back().attempt); }
  exchange_scene& fail(error_code ec, std::size_t attempt) { return perform(decides->on_failure(attempt, ec, now)); }
  exchange_scene& fail(error_code ec) { return fail(ec, sent.back().attempt); }
  /// Advances to the timer without any other event.
  exchange_scene& expire() {
    now = state.until;
    return perform(decides->on_timer(now));
  }
  exchange_scene& perform(exchange::action next) {
    for (; next.what != step::wait && next.what != step::done; next = decides->next()) {
      const query_message query = decides->query(next.attempt, ++last_id, random_case);
      sent.push_back({next.what, next.server, next.attempt, {query.octets().begin(), query.octets().end()}});
    }
    state = next;
    return *this;
  }

  [[nodiscard]] const message& last() const { return sent.back(); }
  [[nodiscard]] bool is_done() const { return state.what == step::done; }
  [[nodiscard]] error_code status() const { return decides->status(); }
  [[nodiscard]] std::chrono::milliseconds patience() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(state.until - now);
  }

  /// Replies to the last message, or to the given one.
  [[nodiscard]] octets data() const { return data(last()); }
  [[nodiscard]] static octets data(const message& m) {
    const octets target = rdata_srv(0, 0, 80, "h.example.com");
    return reply_to(m.query).answer(qname_of(m.query), rr_type::srv, 60, target).bytes();
  }
  [[nodiscard]] octets code(rcode value) const { return code(last(), value); }
  [[nodiscard]] static octets code(const message& m, rcode value) { return reply_to(m.query).rcode(value).bytes(); }
  [[nodiscard]] octets truncated() const { return truncated(last()); }
  [[nodiscard]] static octets truncated(const message& m) {
    const octets target = rdata_srv(0, 0, 666, "partial.example.com");
    return reply_to(m.query).tc().answer(qname_of(m.query), rr_type::srv, 60, target).bytes();
  }
  [[nodiscard]] octets empty() const { return reply_to(last().query).bytes(); }
};

}  // namespace sdconnect::test
