#include "sdconnect/dns/query.hpp"

#include "sdconnect/dns/message_reader.hpp"

#include <algorithm>

namespace sdconnect {

query_message::query_message(const question& asked, std::uint16_t id, bool edns) noexcept {
  std::uint8_t* at = octets_.data();
  const auto put8 = [&at](unsigned value) { *at++ = static_cast<std::uint8_t>(value); };
  const auto put16 = [&put8](unsigned value) { put8(value >> 8), put8(value & 0xff); };
  put16(id);
  put16(0x0100);  // standard query, recursion desired
  put16(1);       // one question
  put16(0);
  put16(0);
  put16(edns ? 1 : 0);
  at = std::ranges::copy(asked.qname.wire(), at).out;
  put16(static_cast<unsigned>(asked.type));
  put16(static_cast<unsigned>(rr_class::in));
  if (edns) {  // RFC 6891 §6.1.2: root, OPT, payload size as class, extended rcode, version and flags as TTL, no
               // options
    put8(0);
    put16(static_cast<unsigned>(rr_type::opt));
    put16(edns_payload_size);
    put16(0);
    put16(0);
    put16(0);
  }
  size_ = static_cast<std::uint16_t>(at - octets_.data());
}

reply_match match_reply(std::span<const std::uint8_t> message, const question& asked, std::uint16_t id) noexcept {
  result<message_reader> reader = message_reader::open(message);
  if (!reader) return reply_match::no;
  const message_header& header = reader->header();
  if (!header.is_response || header.opcode != 0 || header.id != id) return reply_match::no;
  if (header.question_count == 0) {
    const auto code = static_cast<rcode>(header.rcode);
    return code == rcode::formerr || code == rcode::notimp ? reply_match::no_question : reply_match::no;
  }
  if (header.question_count != 1) return reply_match::no;
  const auto echoed = reader->read_question();
  const bool same = echoed && echoed->asked == asked && echoed->qclass == static_cast<std::uint16_t>(rr_class::in);
  return same ? reply_match::yes : reply_match::no;
}

}  // namespace sdconnect
