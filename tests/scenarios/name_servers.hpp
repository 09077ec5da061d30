/// \file
/// The name servers of a scenario: their zone, their rules, and the state of each.
#pragma once

#include "scenarios/rules.hpp"
#include "scenarios/script.hpp"
#include "scenarios/world.hpp"
#include "sdconnect/dns/zone.hpp"
#include "sdconnect/transport/name_server.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sdconnect::scenario {

class name_servers {
 public:
  enum class state : std::uint8_t { up, down, silent };

  explicit name_servers(world& in);

  // The contents of the file.
  void set_count(std::size_t count);
  void set_properties(const script_line& line);  ///< `server 2 tls trusts-ad`
  void set_zone(const script_line& line);
  void add_rule(const script_line& line) { rules_.add(line); }

  /// Returns the sets for a DNS client: with the given servers, or with all that are not spare.
  [[nodiscard]] std::vector<server_set> sets(const std::vector<std::size_t>& of = {}) const;
  /// Counted from 1; `here` comes from `sets`.
  [[nodiscard]] std::size_t number_of(const name_server& here) const;
  /// Counted from 1; takes the first word that is a server number; throws script_error.
  [[nodiscard]] std::size_t number_from(const script_line& line, std::string_view word) const;
  [[nodiscard]] std::string label(std::size_t number) const { return servers_[number - 1].here.label; }

  [[nodiscard]] state state_of(std::size_t number) const { return servers_[number - 1].now; }
  void set_state(std::size_t number, state now) { servers_[number - 1].now = now; }

  /// Returns the server's reaction to a query that reached it, and counts the query.
  [[nodiscard]] std::vector<server_action> on_query(const sent_query& query);
  [[nodiscard]] error_code on_opening(std::size_t number, bool is_udp);
  [[nodiscard]] std::optional<server_action> on_connecting(std::size_t number);
  [[nodiscard]] octets message(const reply_plan& plan, std::span<const std::uint8_t> query, bool is_udp) const {
    return plan.message(query, is_udp, *zone_);
  }

  [[nodiscard]] std::vector<script_line> idle_rules() const { return rules_.idle(); }
  [[nodiscard]] const std::vector<sent_query>& sent() const noexcept { return sent_; }
  void count(const sent_query& query) { sent_.push_back(query); }

 private:
  struct server {
    name_server here;
    name domain;
    bool is_spare = false;
    bool is_file = false;
    state now = state::up;
  };

  world& world_;
  std::vector<server> servers_;
  std::shared_ptr<const zone> zone_;
  rules rules_;
  reply_plan zone_reply_;
  std::vector<sent_query> sent_;
};

}  // namespace sdconnect::scenario
