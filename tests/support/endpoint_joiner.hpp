/// \file
/// The endpoints that one answer describes completely: its SRV records, joined with the addresses
/// in its additional section.
#pragma once

#include "sdconnect/dns/answer.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect {

/// Limit of addresses in one joined set: otherwise thousands of SRV records whose targets have
/// hundreds of addresses each would turn one message of 64 KiB into gigabytes.
inline constexpr std::size_t max_joined_addresses = 32'768;

/// Interprets one answer as a client without a walk does: for benchmarks against such clients, and
/// for tests of the contents of an answer. Keeps its storage: joins sets of similar shape without
/// allocation. Not thread safe.
class endpoint_joiner {
 public:
  /// Returns one endpoint for each SRV record, in the order received, not merged (see
  /// merge_endpoints). Leaves out records that no client can connect to, with target "." or port 0.
  /// Empty for any other answer. Addresses are those of the additional section, as received;
  /// without any, `unresolved` is empty_answer: they are unknown, and the client has to ask for
  /// them (RFC 2782 "Notes"). The instances stay empty. Valid until the next call. O(n).
  [[nodiscard]] std::span<const endpoint> join(const answer& a);

 private:
  /// The sets of one family in the order of the answer, and the one that the next search probably
  /// needs.
  struct family {
    rr_type type;
    std::vector<std::uint32_t> sets;
    std::size_t next = 0;
  };

  const rrset* find(family& of, const std::vector<rrset>& sets, const name& target);
  const rrset* look_up(rr_type type, const std::vector<rrset>& sets, const name& target);
  void add_addresses(endpoint& e, const rrset& set);

  family v4_{rr_type::a, {}, 0};
  family v6_{rr_type::aaaa, {}, 0};
  // Index of the sets by owner, open addressing: part of the hash, position plus one.
  std::vector<std::uint64_t> index_;
  bool is_indexed_ = false;
  std::size_t addresses_ = 0;  // of all endpoints
  std::vector<endpoint> endpoints_;
};

}  // namespace sdconnect
