/// \file
/// Builds query messages and recognises their replies.
#pragma once

#include "sdconnect/dns/records.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sdconnect {

/// The UDP payload size announced with EDNS: fits into one unfragmented packet on any path
/// (RFC 6891 §6.2.5, DNS flag day 2020).
inline constexpr std::uint16_t edns_payload_size = 1232;

struct query_options {
  bool edns = true;                 ///< adds an OPT record
  bool authenticated_data = false;  ///< sets AD to request the answer's AD bit (RFC 6840 §5.7)
  /// Sets the case of the question's letters at random ("0x20"), one bit per letter; after 64
  /// letters the bits repeat. Unset: the case of `asked`.
  std::optional<std::uint64_t> random_case;
};

/// One query in wire form, at most 12 + 255 + 4 + 11 octets.
class query_message {
 public:
  /// An empty message.
  query_message() noexcept {}  // NOLINT(modernize-use-equals-default): would clear the octets
  /// A standard query with RD set.
  query_message(const question& asked, std::uint16_t id, const query_options& options) noexcept;
  query_message(const question& asked, std::uint16_t id, bool edns) noexcept
      : query_message(asked, id, query_options{edns, false, {}}) {}

  [[nodiscard]] std::span<const std::uint8_t> octets() const noexcept { return {octets_.data(), size_}; }

 private:
  std::array<std::uint8_t, 282> octets_;
  std::uint16_t size_ = 0;
};

enum class reply_match {
  yes,
  no,           ///< not a reply to this query: drop it and continue to wait (RFC 5452 §9.1)
  no_question,  ///< right ID, no question, rcode FORMERR or NOTIMP: the server cannot read the query (W4 in faults.md)
};
/// "yes", "no", "no question".
[[nodiscard]] std::string_view to_string(reply_match match) noexcept;

/// Whether `message` answers the query for `asked` with `id`: QR set, opcode QUERY, the same ID,
/// and exactly one question with the same name, type and class. The socket checks source address
/// and port. Never throws.
[[nodiscard]] reply_match match_reply(std::span<const std::uint8_t> message, const question& asked,
                                      std::uint16_t id) noexcept;

/// Whether a message that match_reply() accepts repeats the letter case that
/// query_options::random_case selected.
[[nodiscard]] bool repeats_case(std::span<const std::uint8_t> message, const question& asked,
                                std::uint64_t random_case) noexcept;

}  // namespace sdconnect
