/// \file
/// Messages as text, for the log of a conversation.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace sdconnect::scenario {

/// "SRV _x._tcp id=12ab edns".
[[nodiscard]] std::string query_text(std::span<const std::uint8_t> message);
/// "SERVFAIL id=12ab tc 1/0/0/1 in 80 octets: SRV _x._tcp, ..."; accepts any octets.
[[nodiscard]] std::string reply_text(std::span<const std::uint8_t> message);

}  // namespace sdconnect::scenario
