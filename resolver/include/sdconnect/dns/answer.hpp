/// \file
/// Meaning of a reply for its question: data or a kind of negative answer (RFC 2308), and the
/// additional records.
#pragma once

#include "sdconnect/dns/extended_error.hpp"
#include "sdconnect/dns/message_reader.hpp"
#include "sdconnect/dns/records.hpp"
#include "sdconnect/dns/txt.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

namespace sdconnect {

/// Records of one owner and type. The type determines the alternative: names for PTR, addresses for
/// A and AAAA.
using rrset_data =
    std::variant<std::vector<name>, std::vector<srv_record>, std::vector<txt_record>, std::vector<ip_address>>;

struct rrset {
  name owner;
  rr_type type{};
  std::chrono::seconds ttl{};  ///< lowest TTL of the records; TTLs with the top bit set count as 0 (RFC 2181 §5.2, §8)
  rrset_data records;
};

struct answer {
  rcode code = rcode::noerror;  ///< including the upper bits from the OPT record
  /// Success with at least one record, or one of nxdomain, no_data, empty_answer, server_refused,
  /// server_failure, alias_loop.
  error_code status;
  /// With no_data: the answer has neither records nor a SOA, in no section (NODATA type 3,
  /// RFC 2308 §2.2). It is a "no" for the caller that asks now; do not keep it (§5).
  bool is_unproven = false;
  bool authenticated = false;  ///< the AD bit; as trustworthy as the path to the server
  name canonical;              ///< end of the question's CNAME and DNAME chain
  std::uint32_t alias_count = 0;
  rrset_data records;  ///< of the queried type at `canonical`; neither sorted nor deduplicated
  /// For data: the lowest TTL of records and chain. For nxdomain and no_data: the lowest of chain
  /// TTL, SOA TTL and SOA MINIMUM (RFC 2308 §5); 0 without a SOA.
  std::chrono::seconds ttl{};
  std::vector<rrset> additional;                ///< PTR, SRV, TXT, A and AAAA records of other owners, grouped
  std::uint32_t dropped_records = 0;            ///< malformed records, and records of a foreign owner or class
  std::vector<extended_error> extended_errors;  ///< in the order received, each once
};

/// Maximum number of CNAME and DNAME steps for one question (RFC 1034 §3.6.2 asks for a limit;
/// other resolvers use 8 to 11).
inline constexpr std::uint32_t max_aliases = 8;

/// The names that an answer may speak for: those that the servers it came from are asked for
/// (docs/decisions/0028).
struct answer_scope {
  name apex;                ///< the domain of these servers; the root: all names
  std::vector<name> other;  ///< domains below `apex` that other servers are asked for

  [[nodiscard]] bool is_everything() const noexcept { return apex.is_root() && other.empty(); }
  [[nodiscard]] bool contains(const name& n) const noexcept;

  friend bool operator==(const answer_scope&, const answer_scope&) = default;
};

/// Interprets a reply that matches `asked` and is not truncated. The size of the message limits all
/// loops. Errors: malformed_message if nothing in the reply can be trusted.
///
/// The rcode describes the end of the alias chain (RFC 6604 §3). NXDOMAIN together with data for
/// that name is contradictory and proves neither: the status is server_failure.
///
/// Ignores what is outside `scope`: the first alias that leads out of it ends the chain there, with
/// the status empty_answer whatever the rcode, and additional records of names outside are left
/// out.
[[nodiscard]] result<answer> read_answer(std::span<const std::uint8_t> message, const question& asked,
                                         const answer_scope& scope = {});

/// As read_answer(), for many replies: the reader reuses its own storage and the storage of `out`,
/// so it reads replies of similar shape without allocating. Not thread safe.
class answer_reader {
 public:
  /// As read_answer(). After an error `out` is valid, but its content means nothing.
  [[nodiscard]] error_code read(std::span<const std::uint8_t> message, const question& asked, answer& out,
                                const answer_scope& scope = {});

 private:
  bool add_additional(const message_reader& reader, std::vector<rrset>& sets);
  std::size_t find_set(const message_record& rr, std::vector<rrset>& sets);

  // Open-addressing index of the sets by owner; an entry is part of the hash, and position plus
  // one.
  std::vector<std::uint64_t> index_;
  std::size_t most_sets_ = 0;
  std::size_t used_sets_ = 0;
  std::size_t latest_ = 0;  // the set of the previous record
  std::size_t owner_hash_ = 0;
  bool is_owner_hashed_ = false;  // owner_hash_ and latest_ belong to the current owner
  bool has_empty_set_ = false;
};

}  // namespace sdconnect
