/// \file
/// Builds query messages and recognises their replies.
#pragma once

#include "sdconnect/dns/records.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace sdconnect {

/// The UDP payload size offered with EDNS: fits one unfragmented packet on any path (RFC 6891 §6.2.5, DNS flag day
/// 2020).
inline constexpr std::uint16_t edns_payload_size = 1232;

/// One query on the wire, at most 12 + 255 + 4 + 11 octets.
class query_message {
 public:
  /// A standard query with RD set and, with `edns`, an OPT record.
  query_message(const question& asked, std::uint16_t id, bool edns) noexcept;

  [[nodiscard]] std::span<const std::uint8_t> octets() const noexcept { return {octets_.data(), size_}; }

 private:
  std::array<std::uint8_t, 282> octets_;
  std::uint16_t size_ = 0;
};

enum class reply_match {
  yes,
  no,           ///< not a reply to this query: to be dropped while waiting goes on (RFC 5452 §9.1)
  no_question,  ///< right ID, no question, rcode FORMERR or NOTIMP: a server that cannot read the query (FAULTS W4)
};

/// Whether `message` answers the query for `asked` with `id`: QR set, opcode QUERY, the same ID, exactly the one
/// question with name, type and class. Source address and port are the socket's matter. Never throws.
[[nodiscard]] reply_match match_reply(std::span<const std::uint8_t> message, const question& asked,
                                      std::uint16_t id) noexcept;

}  // namespace sdconnect
