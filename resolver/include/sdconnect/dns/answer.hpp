/// \file
/// What a reply means for the question it answers: data, or which kind of "no" (RFC 2308), plus the
/// additional records.
#pragma once

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

/// Records of one owner and type. The alternative follows from the type: names for PTR, addresses
/// for A and AAAA.
using rrset_data =
    std::variant<std::vector<name>, std::vector<srv_record>, std::vector<txt_record>, std::vector<ip_address>>;

struct rrset {
  name owner;
  rr_type type{};
  std::chrono::seconds ttl{};  ///< the lowest of its records; the top bit set counts as 0 (RFC 2181 §5.2, §8)
  rrset_data records;
};

struct answer {
  rcode code = rcode::noerror;  ///< extended by the OPT record's upper bits
  /// Success with at least one record, or nxdomain, no_data, empty_answer, server_refused,
  /// server_failure, alias_loop.
  error_code status;
  bool authenticated = false;  ///< the AD bit, worth no more than the path to the server
  name canonical;              ///< where the CNAME and DNAME chain of the question ends
  std::uint32_t alias_count = 0;
  rrset_data records;  ///< of the asked type at `canonical`; without order or duplicates removed
  /// Of data the lowest TTL of records and chain; of nxdomain and no_data the lowest of chain, SOA
  /// TTL and MINIMUM (RFC 2308 §5).
  std::chrono::seconds ttl{};
  std::vector<rrset> additional;      ///< PTR, SRV, TXT, A and AAAA of other owners, grouped
  std::uint32_t dropped_records = 0;  ///< malformed or of a foreign owner or class
};

/// CNAME and DNAME steps followed for one question (RFC 1034 §3.6.2 asks for a limit; peers use 8
/// to 11).
inline constexpr std::uint32_t max_aliases = 8;

/// Interprets a reply already matched to `asked` and not truncated. All loops are bounded by the
/// message. Errors: malformed_message, when nothing of the reply can be trusted.
///
/// The rcode speaks of the end of the alias chain (RFC 6604 §3). NXDOMAIN together with data for
/// just that name contradicts itself and proves neither: server_failure.
[[nodiscard]] result<answer> read_answer(std::span<const std::uint8_t> message, const question& asked);

/// The same for many replies: one reader keeps its own storage, and what `out` holds is used again.
/// Replies of a like shape are read without allocation. Not thread safe.
class answer_reader {
 public:
  /// As read_answer(). After an error `out` is valid and of no use.
  [[nodiscard]] error_code read(std::span<const std::uint8_t> message, const question& asked, answer& out);

 private:
  bool add_additional(const message_reader& reader, std::vector<rrset>& sets);
  std::size_t find_set(const message_record& rr, std::vector<rrset>& sets);

  std::vector<std::uint64_t> index_;  // of the sets by owner, open addressing: part of the hash, position plus one
  std::size_t most_sets_ = 0;
  std::size_t used_sets_ = 0;
  std::size_t latest_ = 0;  // the set of the record before
  std::size_t owner_hash_ = 0;
  bool is_owner_hashed_ = false;  // owner_hash_ and latest_ are of the current owner
  bool has_empty_set_ = false;
};

}  // namespace sdconnect
