/// \file
/// Begins a reply to a query in wire format: same ID, same question.
#pragma once

#include "support/message_builder.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace sdconnect::test {

inline std::uint16_t u16_at(std::span<const std::uint8_t> message, std::size_t at) {
  return static_cast<std::uint16_t>(message[at] << 8 | message[at + 1]);
}

inline std::uint16_t id_of(std::span<const std::uint8_t> message) { return u16_at(message, 0); }

/// The library's queries have an additional record only for EDNS.
inline bool has_edns(std::span<const std::uint8_t> query) { return u16_at(query, 10) == 1; }

/// Offset of the type and class behind the name.
inline std::size_t end_of_qname(std::span<const std::uint8_t> query) {
  std::size_t at = 12;
  while (query[at] != 0) at += query[at] + std::size_t{1};
  return at + 1;
}

inline rr_type type_of(std::span<const std::uint8_t> query) {
  return static_cast<rr_type>(u16_at(query, end_of_qname(query)));
}

inline wire_name qname_of(std::span<const std::uint8_t> query) {
  return wire_name::raw(octets(query.begin() + 12, query.begin() + static_cast<std::ptrdiff_t>(end_of_qname(query))));
}

inline message_builder reply_to(std::span<const std::uint8_t> query) {
  message_builder made(id_of(query));
  made.response().ra().question(qname_of(query), type_of(query));
  return made;
}

/// The same without the question, as a server replies that cannot parse the query.
inline message_builder headless_reply_to(std::span<const std::uint8_t> query) {
  message_builder made(id_of(query));
  made.response();
  return made;
}

}  // namespace sdconnect::test
