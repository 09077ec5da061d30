#include "sdconnect/dns/message_reader.hpp"

#include <cstring>

namespace sdconnect {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t smallest_question = 5;  // root name, type, class
constexpr std::size_t smallest_record = 11;   // root name, type, class, TTL, RDLENGTH
constexpr std::size_t fixed_record_part = 10;

// A name of 255 octets has at most 127 labels, and a pointer without a label before it gains nothing.
constexpr int max_pointers_per_name = 127;

}  // namespace

std::uint16_t message_reader::u16(std::size_t at) const noexcept {
  return static_cast<std::uint16_t>(message_[at] << 8 | message_[at + 1]);
}

std::uint32_t message_reader::u32(std::size_t at) const noexcept {
  return static_cast<std::uint32_t>(u16(at)) << 16 | u16(at + 2);
}

bool message_reader::fail() noexcept {
  error_ = errc::malformed_message;
  return false;
}

result<message_reader> message_reader::open(std::span<const std::uint8_t> message) noexcept {
  if (message.size() < header_size || message.size() > 65535) return errc::malformed_message;
  message_reader reader(message);
  message_header& h = reader.header_;
  const std::uint16_t flags = reader.u16(2);
  h.id = reader.u16(0);
  h.is_response = (flags & 0x8000) != 0;
  h.opcode = flags >> 11 & 0xf;
  h.authoritative = (flags & 0x0400) != 0;
  h.truncated = (flags & 0x0200) != 0;
  h.recursion_desired = (flags & 0x0100) != 0;
  h.recursion_available = (flags & 0x0080) != 0;
  h.authenticated = (flags & 0x0020) != 0;
  h.rcode = flags & 0xf;
  h.question_count = reader.u16(4);
  h.answer_count = reader.u16(6);
  h.authority_count = reader.u16(8);
  h.additional_count = reader.u16(10);

  // Counts that cannot fit are refused before any loop over them (FAULTS W3). A truncated message is let through:
  // some servers cut it off at 512 octets and leave the counts, and its header and question are all that is looked
  // at.
  const std::size_t records = std::size_t{h.answer_count} + h.authority_count + h.additional_count;
  const std::size_t smallest = header_size + h.question_count * smallest_question + records * smallest_record;
  if (smallest > message.size() && !h.truncated) return errc::malformed_message;
  reader.at_ = header_size;
  reader.questions_left_ = h.question_count;
  return reader;
}

// RFC 1035 §4.1.4, restricted so that every step is progress:
//  1. the octets in place end before `end`;
//  2. a pointer leads to before the place where the current run of labels began, so no loop is possible;
//  3. a name takes at most 127 pointers and 255 octets.
std::size_t message_reader::read_name(std::size_t at, std::size_t end, name& out) const noexcept {
  out = name();
  std::size_t behind = 0;  // where reading goes on: behind the first pointer, else behind the root label
  std::size_t run_began = at;
  int pointers = 0;
  while (true) {
    if (at >= end) return 0;
    const std::uint8_t length = message_[at];
    if ((length & 0xc0) == 0xc0) {
      if (at + 2 > end || ++pointers > max_pointers_per_name) return 0;
      const std::size_t target = u16(at) & 0x3fffu;
      if (target < header_size || target >= run_began) return 0;
      if (behind == 0) behind = at + 2;
      at = run_began = target;
      end = message_.size();
      continue;
    }
    if (length > name::max_label_size) return 0;  // 0x40 and 0x80 are label types that never came to be (RFC 6891 §5)
    ++at;
    if (length == 0) break;
    if (at + length > end || !out.append_label(message_.subspan(at, length))) return 0;
    at += length;
  }
  return behind == 0 ? at : behind;
}

result<message_reader::question_record> message_reader::read_question() noexcept {
  question_record out;
  if (error_ || questions_left_ == 0) return errc::malformed_message;
  const std::size_t behind = read_name(at_, message_.size(), out.asked.qname);
  if (behind == 0 || behind + 4 > message_.size()) {
    fail();
    return errc::malformed_message;
  }
  out.asked.type = static_cast<rr_type>(u16(behind));
  out.qclass = u16(behind + 2);
  at_ = behind + 4;
  --questions_left_;
  return out;
}

bool message_reader::next() noexcept {
  while (questions_left_ > 0) {
    if (!read_question()) return false;
  }
  if (error_) return false;
  const std::uint32_t answers = header_.answer_count;
  const std::uint32_t authorities = answers + header_.authority_count;
  if (records_read_ == authorities + header_.additional_count) return false;

  const std::size_t fixed = read_name(at_, message_.size(), record_.owner);
  if (fixed == 0 || fixed + fixed_record_part > message_.size()) return fail();
  const std::size_t length = u16(fixed + 8);
  rdata_at_ = fixed + fixed_record_part;
  if (rdata_at_ + length > message_.size()) return fail();

  record_.section = records_read_ < answers       ? message_section::answer
                    : records_read_ < authorities ? message_section::authority
                                                  : message_section::additional;
  record_.type = static_cast<rr_type>(u16(fixed));
  record_.rclass = static_cast<rr_class>(u16(fixed + 2));
  record_.ttl = u32(fixed + 4);
  record_.rdata = message_.subspan(rdata_at_, length);
  at_ = rdata_at_ + length;
  ++records_read_;
  return true;
}

result<ip_address> message_reader::as_address() const noexcept {
  const std::span<const std::uint8_t> data = record_.rdata;
  if (record_.type == rr_type::a && data.size() == 4) return ip_address::v4({data[0], data[1], data[2], data[3]});
  if (record_.type == rr_type::aaaa && data.size() == 16) {
    std::array<std::uint8_t, 16> octets;
    std::memcpy(octets.data(), data.data(), octets.size());
    return ip_address::v6(octets);
  }
  return errc::malformed_rdata;
}

result<name> message_reader::as_name() const noexcept {
  name out;
  const std::size_t end = rdata_at_ + record_.rdata.size();
  if (read_name(rdata_at_, end, out) != end) return errc::malformed_rdata;
  return out;
}

result<srv_record> message_reader::as_srv() const noexcept {
  constexpr std::size_t before_target = 6;
  if (record_.rdata.size() <= before_target) return errc::malformed_rdata;
  srv_record out{u16(rdata_at_), u16(rdata_at_ + 2), u16(rdata_at_ + 4), {}};
  const std::size_t end = rdata_at_ + record_.rdata.size();
  // A compressed target is against RFC 2782 "Target" and yet sent; accepted as RFC 3597 §4 asks.
  if (read_name(rdata_at_ + before_target, end, out.target) != end) return errc::malformed_rdata;
  return out;
}

result<soa_record> message_reader::as_soa() const noexcept {
  constexpr std::size_t behind_names = 20;
  const std::size_t end = rdata_at_ + record_.rdata.size();
  name ignored;
  const std::size_t rname = read_name(rdata_at_, end, ignored);
  if (rname == 0) return errc::malformed_rdata;
  const std::size_t numbers = read_name(rname, end, ignored);
  if (numbers == 0 || numbers + behind_names != end) return errc::malformed_rdata;
  return soa_record{u32(numbers), u32(numbers + 16)};
}

result<txt_record> message_reader::as_txt() const { return txt_record::from_rdata(record_.rdata); }

}  // namespace sdconnect
