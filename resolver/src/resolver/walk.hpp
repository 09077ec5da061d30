/// \file
/// Every decision of the walk from a service name to its endpoints: what to ask next, and what the answers mean. No
/// sockets, no clock.
#pragma once

#include "sdconnect/resolver/service.hpp"
#include "sdconnect/resolver/service_query.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sdconnect {

/// Feed it the result of each question it asks; it says what else to ask, and when there is nothing left to wait for.
///
///  1. The name itself: SRV and PTR at once (and TXT, if wanted), since only the answers tell whether it is an
///     instance or a type. Wishes that only make sense for a type ask for PTR alone.
///  2. SRV: an instance; SRV wins over PTR. PTR: a type, whose instances that pass the filter are asked for SRV (and
///     TXT). Neither: the name's own addresses, if the caller gave a port. One absent and the other unanswered:
///     unknown.
///  3. Each target: A and AAAA, both families at once (RFC 2782 "Notes", RFC 8305 §3).
///  4. A record set that came as additional data of an earlier answer, for just that owner and type, is not asked for
///     (RFC 6763 §12).
///  5. An answer that ends in an alias elsewhere is followed by asking there, at most max_aliases steps in all.
///  6. With a resolution delay the walk ends that long after every target has an address or none to expect (RFC 8305
///     §3), and at the latest 1.5 s or half of the timeout after the first address: one silent name server must not
///     use up the time to connect elsewhere.
class walk {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit walk(const service_query& query);

  struct step {
    std::vector<question> ask;            ///< new questions, to be put at once
    std::optional<time_point> finish_at;  ///< do not wait for missing answers beyond this (RFC 8305 §3)
    bool done = false;
  };

  [[nodiscard]] step start();
  [[nodiscard]] step on_result(const question& asked, query_result result, time_point now);

  struct conclusion {
    error_code status;
    service found;
  };
  /// Draws the conclusion from what is known. `if_unknown` is the error where that is not enough, e.g. timed_out.
  /// Once only.
  [[nodiscard]] conclusion finish(error_code if_unknown);

 private:
  enum class purpose : std::uint8_t { own_srv, own_ptr, own_txt, instance_srv, instance_txt, address };
  static constexpr std::size_t purpose_count = 6;

  /// Who waits for an answer.
  struct wish {
    purpose what{};
    std::size_t index = 0;      // of the instance or target
    std::uint32_t aliases = 0;  // followed so far
  };
  struct instance_state {
    service_instance shown;
    std::vector<srv_record> srv;
    std::chrono::seconds srv_ttl{};
    error_code srv_status;
    bool srv_known = false;
    bool txt_known = false;
  };
  struct target_state {
    name host;
    std::vector<ip_address> addresses;
    std::chrono::seconds ttl = std::chrono::seconds::max();
    std::size_t pending = 0;  // families not answered yet
    bool is_alias = false;
    bool has_refused_address = false;  // one that nothing can be connected to
    error_code status;                 // why a family is missing; a transient reason outweighs an absent one
  };
  struct own_status {
    bool known = false;
    error_code status;
  };
  /// Why SRV records were not used, to say so and to choose the error when none is left.
  struct faults {
    std::size_t unavailable = 0, no_port = 0, bad_target = 0, out_of_domain = 0, filtered = 0, over_limit = 0;
    error_code transient;
  };

  void want(const question& q, const wish& w);
  void deliver(const wish& w, const answer& a, error_code status);
  void on_own_srv(const answer& a, error_code status);
  void on_own_ptr(const answer& a, error_code status);
  void on_instance_srv(instance_state& instance, const answer& a, error_code status);
  void on_txt(instance_state& instance, const answer& a, error_code status);
  void on_address(target_state& target, const answer& a, error_code status);
  void note_alias(target_state& target);
  void consider_own_addresses();
  void ask_for_targets(const std::vector<srv_record>& records);
  void ask_for_addresses(const name& host);
  void remember(std::vector<rrset>& additional);

  [[nodiscard]] std::size_t& pending(purpose what) noexcept { return pending_count_[static_cast<std::size_t>(what)]; }
  [[nodiscard]] bool is_type_only() const noexcept;
  [[nodiscard]] std::size_t pending_before_addresses() noexcept;
  [[nodiscard]] bool is_settled() noexcept;
  [[nodiscard]] bool every_target_has_an_address() noexcept;
  [[nodiscard]] step next_step(time_point now);
  [[nodiscard]] std::vector<const name*> select(const std::vector<name>& instances);
  [[nodiscard]] bool is_refused(const name& n) const noexcept {
    return query_.same_domain && !n.is_at_or_below(domain_);
  }

  [[nodiscard]] error_code decide_kind(error_code if_unknown);
  void conclude_instance(instance_state& instance, std::vector<endpoint>& out, faults& seen, error_code if_unknown);
  void conclude_addresses(std::vector<endpoint>& out, error_code if_unknown);
  void fill_addresses(endpoint& e, error_code if_unknown) const;
  [[nodiscard]] error_code endpoint_status(const faults& seen) const;
  void warn_about(const faults& seen);
  [[nodiscard]] bool passes_txt(const txt_record& txt) const;

  service_query query_;
  name domain_;  // of the asked name: what follows _tcp or _udp
  service found_;
  error_code name_error_;

  std::unordered_map<question, std::vector<wish>> pending_;
  std::array<std::size_t, purpose_count> pending_count_{};
  std::unordered_map<question, rrset> known_;  // from additional sections
  std::vector<question> to_ask_;

  own_status srv_, ptr_;
  bool asked_own_addresses_ = false;
  instance_state own_;
  std::vector<instance_state> instances_;
  std::vector<target_state> targets_;
  std::unordered_map<name, std::size_t> target_index_;
  std::size_t targets_with_address_ = 0;  // all before this one have an address or no answer pending
  std::size_t refused_instances_ = 0;
  std::optional<time_point> finish_at_;
  bool has_address_ = false;
  bool any_answer_ = false;
  bool all_authenticated_ = true;
};

}  // namespace sdconnect
