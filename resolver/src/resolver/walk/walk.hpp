/// \file
/// Makes every decision on the way from a service name to its endpoints: what to ask next, and what
/// the answers mean. Uses no sockets and no clock.
#pragma once

#include "resolver/lookup/lookup.hpp"
#include "resolver/walk/carried_records.hpp"
#include "resolver/walk/endpoint_table.hpp"
#include "resolver/walk/srv_sets.hpp"
#include "sdconnect/resolver/service.hpp"
#include "sdconnect/resolver/service_query.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sdconnect::detail {

/// Give it the result of each question it asks; it returns further questions, and says when no
/// answer is missing.
///
///  1. The name itself: asks for SRV and PTR at once (and TXT, if wanted), because only the answers
///     tell whether it is an instance or a type. With filters that only apply to a type it asks
///     only for PTR.
///  2. SRV records: an instance; SRV takes precedence over PTR. PTR records: a type; asks for SRV
///     (and TXT) of its instances that pass the filter, and leaves out targets that are no instance
///     of a service (FAULTS O11). Neither: the addresses of the domain behind the service labels,
///     or of a name without such labels, if the caller gave a port (FAULTS O17). One absent and the
///     other unanswered: unknown.
///  3. Each target: A and AAAA, both families at once (RFC 2782 "Notes", RFC 8305 §3).
///  4. Does not ask for a record set that was additional data of an earlier answer that leads to
///     its owner (RFC 6763 §12; carried_records).
///  5. Follows an answer that ends in an alias elsewhere by asking there, at most max_aliases steps
///     in all.
///  6. To list a service, the walk waits for every answer, but for a target's second address family
///     only 1.1 s longer than for all other answers (FAULTS O10). To connect
///     (query.resolution_delay is set), it has enough when that delay has passed since the first
///     address (RFC 8305 §3): one silent name server must not use up the time to connect elsewhere.
///     It waits for wanted TXT records until 1.5 s after the first address, or half of the timeout
///     if that is shorter.
///  7. If the caller requires authentication, an answer without it counts as no answer; each record
///     set is refused separately.
///  8. Whatever the records of a zone lead to, the walk keeps a bounded amount of it (FAULTS O7):
///     see srv_sets, endpoint_table, carried_records, and the limits of walk_answers.cpp. It names
///     in a warning what it leaves out. It asks at most `most_pending` questions at once.
class walk {
 public:
  using time_point = boot_clock::time_point;

  /// Additional records are valid for at least `min_interval`, and not beyond their `terms`, which
  /// must outlive the walk; null: this walk is the first. To connect, they are asked for again
  /// before they end.
  explicit walk(const service_query& query, std::chrono::milliseconds min_interval = {},
                carried_terms* terms = nullptr);

  struct step {
    std::vector<question> ask;            ///< new questions, to be asked now
    std::optional<time_point> enough_at;  ///< from then on the known answers are enough (rule 6)
    bool done = false;                    ///< no answer is missing
  };

  [[nodiscard]] step start();
  [[nodiscard]] step on_result(const question& asked, const lookup& result, time_point now);

  /// Whether an earlier answer carried records that answer `q` if nothing better comes.
  [[nodiscard]] bool has_stale(const question& q) const noexcept {
    return !query_.require_authenticated && carried_.contains(q);
  }

  struct conclusion {
    error_code status;
    service found;
    // found.endpoints come from these.
    std::vector<instance_records> records;
    std::vector<target_addresses> targets;  ///< sorted
    bool is_kind_known = true;              ///< an answer says what the name is; otherwise `found` proves nothing
    error_code failure;                     ///< why something is unknown or could not be refreshed
    std::optional<time_point> again_at;     ///< the first time at which to ask again for an answer used
    std::optional<time_point> retry_at;     ///< the same, for questions that DNS did not answer
    /// The first end of a TTL among the record sets that the endpoints, or their absence, come
    /// from.
    std::optional<time_point> expires;
  };
  /// Draws the conclusion from what is known now. `if_unknown` is the error if that is not enough,
  /// e.g. query_timed_out.
  [[nodiscard]] conclusion conclude(error_code if_unknown) const;
  /// As conclude(), as the last call: leaves out of memory what only further answers would need.
  [[nodiscard]] conclusion conclude_at_end(error_code if_unknown);

  /// For rule 6: a second, and the time for the answer to a datagram that was lost and sent again
  /// after a second.
  static constexpr std::chrono::milliseconds family_patience{1100};
  /// More than a DNS client has in flight (dns_client_options::max_in_flight). A question that waits
  /// there takes a hundred times the memory that it takes here.
  static constexpr std::size_t most_pending = 1024;

 private:
  enum class purpose : std::uint8_t { own_srv, own_ptr, own_txt, instance_srv, instance_txt, address };
  static constexpr std::size_t purpose_count = 6;

  /// The purpose for which an answer is awaited.
  struct wish {
    purpose what{};
    std::uint32_t index = 0;    // of the instance or target
    std::uint32_t aliases = 0;  // followed so far
  };
  /// A question that was not asked yet.
  struct planned_question {
    wish by;
    rr_type type{};
  };
  /// Why SRV records were not used, for the warnings and for the error if none is left.
  struct faults {
    std::size_t unavailable = 0, no_port = 0, bad_target = 0, out_of_domain = 0;
    std::vector<name> bad_targets;  // the first few
  };
  struct instance_state {
    service_instance shown;
    std::optional<srv_sets::id> srv;  // its usable records
    faults seen;
    std::chrono::seconds srv_ttl{};
    error_code srv_status;
    bool srv_known = false;
    bool txt_answered = false;
  };
  struct target_state {
    name host;
    std::vector<ip_address> addresses;
    std::chrono::seconds ttl = std::chrono::seconds::max();
    std::size_t pending = 0;                                // families not yet answered
    bool ipv4_unknown = false, ipv6_unknown = false;        // nothing is proven about them
    bool ipv4_unanswered = false, ipv6_unanswered = false;  // because no answer came
    bool is_alias = false;
    bool is_refused = false;           // an alias out of the allowed domain
    bool has_refused_address = false;  // one that no stream can connect to
    error_code status;                 // why a family is missing; a transient reason outranks an absent one
  };
  struct own_status {
    bool known = false;
    error_code status;
  };
  /// Summary of the answers used.
  struct summary {
    std::optional<time_point> again_at, retry_at;
    std::optional<time_point> expires;         // of the records that endpoints come from
    std::optional<time_point> denial_expires;  // of the answers that something does not exist
    error_code failure;
    bool stale = false;

    void note(const lookup& result);
  };

  static constexpr std::size_t most_warnings = 100;  // more than anyone reads

  void plan(const wish& w, rr_type type);
  void ask_planned();
  [[nodiscard]] const name& owner_of(const wish& w) const;
  void want(const question& q, const wish& w);
  void warn(std::string text);
  void report(const query_report& of);
  void note_authentication(const lookup& result);
  void deliver(const wish& w, rr_type type, const lookup& result);
  void on_own_srv(const lookup& result);
  void on_own_ptr(const lookup& result);
  void on_instance_srv(instance_state& instance, const lookup& result);
  void remove_unusable(std::vector<srv_record>& records, faults& seen) const;
  void on_txt(instance_state& instance, const lookup& result);
  void on_address(target_state& target, rr_type type, const lookup& result);
  void refuse(target_state& target, const ip_address& address);
  void note_alias(target_state& target);
  void refuse_alias(target_state& target, const name& canonical);
  void consider_own_addresses();
  void ask_for_addresses(const name& host);

  [[nodiscard]] std::size_t& pending(purpose what) noexcept { return pending_count_[static_cast<std::size_t>(what)]; }
  [[nodiscard]] std::size_t pending(purpose what) const noexcept {
    return pending_count_[static_cast<std::size_t>(what)];
  }
  [[nodiscard]] bool wants_txt() const noexcept { return query_.want_txt.value_or(true) || !query_.txt.empty(); }
  [[nodiscard]] bool is_type_only() const noexcept;
  [[nodiscard]] std::size_t pending_before_addresses() const noexcept;
  [[nodiscard]] bool is_settled() const noexcept;
  [[nodiscard]] bool every_target_has_an_address() noexcept;
  [[nodiscard]] std::optional<time_point> enough_at(time_point now);
  [[nodiscard]] step next_step(time_point now);
  [[nodiscard]] std::vector<const name*> select(const std::vector<name>& targets);
  void note_left_out(const std::vector<const name*>& instances, const std::vector<const name*>& selected);
  [[nodiscard]] bool is_refused(const name& n) const noexcept {
    return query_.same_domain && !n.is_at_or_below(allowed_);
  }

  class concluding;

  /// Whether the name has the form of an IPv4 address, "192.0.2.1.": no host has such a name (RFC
  /// 1123 §2.1).
  [[nodiscard]] static bool is_address_text(const name& target) noexcept;

  [[nodiscard]] bool passes_txt(const txt_record& txt) const;

  service_query query_;
  name domain_;   // of the queried name: what follows _tcp or _udp
  name allowed_;  // targets and instances must be in this domain, if the caller says so
  name host_;     // rule 2: has the addresses if there is no SRV record
  service found_;
  std::size_t warnings_left_out_ = 0;
  error_code name_error_;

  std::deque<planned_question> planned_;
  std::unordered_map<question, std::vector<wish>> pending_;
  std::array<std::size_t, purpose_count> pending_count_{};  // planned ones included
  carried_records carried_;
  std::vector<question> to_ask_;

  own_status srv_, ptr_;
  std::optional<lookup> own_ptr_;  // counts only when no SRV records make the name an instance
  bool asked_own_addresses_ = false;
  srv_sets sets_;
  instance_state own_;
  std::vector<instance_state> instances_;
  std::deque<target_state> targets_;
  std::unordered_multimap<std::size_t, std::uint32_t> target_index_;  // by hash: a name takes 256 octets
  std::size_t targets_with_address_ = 0;  // all before this one have an address or no answer pending
  std::size_t refused_instances_ = 0;
  std::size_t not_instances_ = 0;  // PTR targets left out (rule 2)
  bool has_filtered_ = false;      // a filter left out all instances that there are
  address_budget addresses_;
  std::size_t txt_octets_ = 0;
  bool has_cut_ = false;  // a limit left out addresses, targets or TXT records
  std::optional<time_point> first_address_at_;
  std::optional<time_point> listed_at_;  // when only second address families were missing
  time_point now_{};
  bool any_answer_ = false;
  bool all_authenticated_ = true;
  summary summary_;
  std::size_t stale_answers_ = 0;
  std::string first_stale_;
};

}  // namespace sdconnect::detail
