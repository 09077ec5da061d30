#include "sdconnect/dns/query.hpp"

#include "sdconnect/dns/message_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sdconnect {
namespace {

constexpr std::size_t header_size = message_reader::header_size;

// Returns the letters of a name with random case. Length octets are below 64 and so never letters.
class case_drawer {
 public:
  explicit case_drawer(std::uint64_t bits) noexcept : bits_(bits) {}

  std::uint8_t operator()(std::uint8_t octet) noexcept {
    const std::uint8_t lower = octet | 0x20;
    if (lower < 'a' || lower > 'z') return octet;
    bits_ = std::rotr(bits_, 1);
    return (bits_ >> 63) != 0 ? static_cast<std::uint8_t>(octet & ~0x20) : lower;
  }

 private:
  std::uint64_t bits_;
};

// Whether the question in the reply equals the sent one octet for octet, as with nearly all
// servers. The first name of a message has only the header before it and nothing to point to, so it
// is never compressed.
bool repeats_octets(std::span<const std::uint8_t> message, const question& asked) noexcept {
  const std::span<const std::uint8_t> sent = asked.qname.wire();
  if (message.size() < header_size + sent.size() + 4) return false;
  const std::uint8_t* const behind = message.data() + header_size + sent.size();
  return std::memcmp(message.data() + header_size, sent.data(), sent.size()) == 0 &&
         static_cast<rr_type>(behind[0] << 8 | behind[1]) == asked.type &&
         static_cast<rr_class>(behind[2] << 8 | behind[3]) == rr_class::in;
}

}  // namespace

std::string_view to_string(reply_match match) noexcept {
  switch (match) {
    case reply_match::yes: return "yes";
    case reply_match::no: return "no";
    case reply_match::no_question: return "no question";
  }
  return "unknown";
}

query_message::query_message(const question& asked, std::uint16_t id, const query_options& options) noexcept {
  std::uint8_t* at = octets_.data();
  const auto put8 = [&at](unsigned value) { *at++ = static_cast<std::uint8_t>(value); };
  const auto put16 = [&put8](unsigned value) { put8(value >> 8), put8(value & 0xff); };
  put16(id);
  put16(options.authenticated_data ? 0x0120 : 0x0100);  // standard query, recursion desired
  put16(1);                                             // one question
  put16(0);
  put16(0);
  put16(options.edns ? 1 : 0);
  if (options.random_case) {
    case_drawer draw(*options.random_case);
    for (const std::uint8_t octet : asked.qname.wire()) put8(draw(octet));
  } else {
    at = std::ranges::copy(asked.qname.wire(), at).out;
  }
  put16(static_cast<unsigned>(asked.type));
  put16(static_cast<unsigned>(rr_class::in));
  if (options.edns) {
    // RFC 6891 §6.1.2: root, OPT, payload size as class, extended rcode, version and flags as TTL,
    // no options
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
  message_reader reader(message);
  if (reader.error()) return reply_match::no;
  const message_header& header = reader.header();
  if (!header.is_response || header.opcode != 0 || header.id != id) return reply_match::no;
  if (header.question_count == 0) {
    const auto code = static_cast<rcode>(header.rcode);
    return code == rcode::formerr || code == rcode::notimp ? reply_match::no_question : reply_match::no;
  }
  if (header.question_count != 1) return reply_match::no;
  if (repeats_octets(message, asked)) return reply_match::yes;
  const auto echoed = reader.read_question();
  const bool same = echoed && echoed->asked == asked && echoed->qclass == static_cast<std::uint16_t>(rr_class::in);
  return same ? reply_match::yes : reply_match::no;
}

bool repeats_case(std::span<const std::uint8_t> message, const question& asked, std::uint64_t random_case) noexcept {
  const std::span<const std::uint8_t> sent = asked.qname.wire();
  if (message.size() < header_size + sent.size()) return false;
  case_drawer draw(random_case);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (message[header_size + i] != draw(sent[i])) return false;
  }
  return true;
}

}  // namespace sdconnect
