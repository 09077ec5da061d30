#include "sdconnect/dns/message_reader.hpp"

#include <algorithm>
#include <cstring>

namespace sdconnect {
namespace {

constexpr std::size_t smallest_question = 5;  // root name, type, class
constexpr std::size_t fixed_record_part = 10;

// A name of 255 octets has at most 127 labels, and a pointer without a label before it is useless.
constexpr int max_pointers_per_name = 127;
constexpr std::size_t max_pointer = 0x3fff;

// Block size for copying labels; nearly all runs of labels fit.
constexpr std::size_t short_block = 32;

}  // namespace

std::string_view to_string(message_section section) noexcept {
  switch (section) {
    case message_section::answer: return "answer";
    case message_section::authority: return "authority";
    case message_section::additional: return "additional";
  }
  return "unknown";
}

bool message_reader::fail() noexcept {
  error_ = errc::malformed_message;
  return false;
}

result<message_reader> message_reader::open(std::span<const std::uint8_t> message) noexcept {
  const message_reader reader(message);
  if (reader.error_) return reader.error_;
  return reader;
}

message_reader::message_reader(std::span<const std::uint8_t> message) noexcept : message_(message) {
  if (message.size() < header_size || message.size() > 65535) {
    fail();
    return;
  }
  message_header& h = header_;
  const std::uint16_t flags = u16(2);
  h.id = u16(0);
  h.is_response = (flags & 0x8000) != 0;
  h.opcode = flags >> 11 & 0xf;
  h.authoritative = (flags & 0x0400) != 0;
  h.truncated = (flags & 0x0200) != 0;
  h.recursion_desired = (flags & 0x0100) != 0;
  h.recursion_available = (flags & 0x0080) != 0;
  h.authenticated = (flags & 0x0020) != 0;
  h.rcode = flags & 0xf;
  h.question_count = u16(4);
  h.answer_count = u16(6);
  h.authority_count = u16(8);
  h.additional_count = u16(10);

  // Rejects counts that cannot fit before any loop over them (FAULTS W3). Accepts a truncated
  // message: some servers cut it off at 512 octets and leave the counts, and the client reads only
  // its header and question.
  const std::size_t records = std::size_t{h.answer_count} + h.authority_count + h.additional_count;
  const std::size_t smallest = header_size + h.question_count * smallest_question + records * smallest_record;
  if (smallest > message.size() && !h.truncated) {
    fail();
    return;
  }
  at_ = header_size;
  questions_left_ = h.question_count;
  section_left_ = h.answer_count;
}

// RFC 1035 §4.1.4, restricted so that every step makes progress:
//  1. the octets before the first pointer end before `end`;
//  2. a pointer must point before the start of the current run of labels, so no loop is possible;
//  3. a name has at most 127 pointers and 255 octets.
message_reader::expanded_name message_reader::read_name(std::size_t at, std::size_t end, name& out) const noexcept {
  const std::uint8_t* const message = message_.data();
  const std::size_t message_size = message_.size();
  std::uint8_t* const octets = out.octets_.data();
  std::size_t size = 0;    // of `octets`, without the root
  std::size_t behind = 0;  // after the first pointer, else after the root label
  int pointers = 0;
  while (true) {
    // Measures a run of labels first, then copies it at once. The run must leave room for the root.
    const std::size_t run_begin = at;
    const std::size_t limit = std::min(end, run_begin + name::max_wire_size - size);
    std::size_t length = 0;
    while (at < limit && (length = message[at]) != 0 && length <= name::max_label_size) at += length + 1;
    if (at >= limit) break;
    const std::size_t run_size = at - run_begin;
    // Also copies the octet after the run, which may be the root. Copies of a fixed size, if there
    // is room, need neither a call nor a loop.
    if (run_size < short_block && run_begin + short_block <= message_size &&
        size + short_block <= name::max_wire_size) {
      std::memcpy(octets + size, message + run_begin, short_block);
    } else {
      std::memcpy(octets + size, message + run_begin, run_size + 1);
    }
    size += run_size;
    if (length == 0) {
      out.size_ = static_cast<std::uint8_t>(size + 1);
      return {behind == 0 ? at + 1 : behind, pointers};
    }
    if (length < 0xc0) break;  // 0x40 and 0x80 are label types that are not in use (RFC 6891 §5)
    if (at + 2 > end || ++pointers > max_pointers_per_name) break;
    const std::size_t target = u16(at) & max_pointer;
    if (target < header_size || target >= run_begin) break;
    if (behind == 0) behind = at + 2;
    at = target;
    end = message_size;
  }
  out = name();
  return {};
}

// Copies a name that was read before and has no pointers.
bool message_reader::recall_name(std::size_t at, name& out) const noexcept {
  const full_name& known = full_names_[at % full_names_kept];
  if (known.at != at || at == 0) return false;
  if (known.size <= short_block && at + short_block <= message_.size()) {
    std::memcpy(out.octets_.data(), message_.data() + at, short_block);
  } else {
    std::memcpy(out.octets_.data(), message_.data() + at, known.size);
  }
  out.size_ = known.size;
  return true;
}

// Most records have the same owner as the previous record or the question, or have the target of an
// SRV record as their owner. They refer to it by a pointer, and the name is then already known.
std::size_t message_reader::read_owner() noexcept {
  std::size_t stands_at = at_;
  if (at_ + 2 <= message_.size() && message_[at_] >= 0xc0) {
    stands_at = u16(at_) & max_pointer;
    record_.repeats_owner = stands_at == owner_at_;
    if (record_.repeats_owner) return at_ + 2;
    if (recall_name(stands_at, record_.owner)) {
      owner_at_ = stands_at;
      return at_ + 2;
    }
  }
  record_.repeats_owner = false;
  const expanded_name owner = read_name(at_, message_.size(), record_.owner);
  // A pointer to this name adds one pointer, which must still be allowed.
  owner_at_ = owner.pointers < max_pointers_per_name && stands_at <= max_pointer ? stands_at : no_pointer_leads_here;
  return owner.behind;
}

result<message_reader::question_record> message_reader::read_question() noexcept {
  question_record out;
  if (error_ || questions_left_ == 0) return errc::malformed_message;
  const std::size_t behind = read_name(at_, message_.size(), out.asked.qname).behind;
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

// The question's name counts as the owner before the first record.
bool message_reader::skip_question() noexcept {
  const std::size_t behind = read_owner();
  if (behind == 0 || behind + 4 > message_.size()) return fail();
  at_ = behind + 4;
  --questions_left_;
  return true;
}

bool message_reader::next() noexcept {
  while (questions_left_ > 0 && !error_) (void)skip_question();
  while (section_left_ == 0) {
    if (record_.section == message_section::additional) return false;
    const bool is_answer = record_.section == message_section::answer;
    record_.section = is_answer ? message_section::authority : message_section::additional;
    section_left_ = is_answer ? header_.authority_count : header_.additional_count;
  }
  if (error_) return false;

  const std::size_t size = message_.size();
  const std::size_t fixed = read_owner();
  rdata_at_ = fixed + fixed_record_part;
  if (fixed == 0 || rdata_at_ > size) return fail();
  const std::size_t length = u16(fixed + 8);
  if (rdata_at_ + length > size) return fail();

  record_.type = static_cast<rr_type>(u16(fixed));
  record_.rclass = static_cast<rr_class>(u16(fixed + 2));
  record_.ttl = u32(fixed + 4);
  record_.rdata = message_.subspan(rdata_at_, length);
  at_ = rdata_at_ + length;
  --section_left_;
  return true;
}

bool message_reader::read(ip_address& out) const noexcept {
  // Writes the address in place. If the address were assembled elsewhere and then copied, the
  // processor would load it before its parts are stored, and stall for longer than the rest of the
  // record takes.
  const std::span<const std::uint8_t> data = record_.rdata;
  if (record_.type == rr_type::a && data.size() == 4) {
    out.family_ = ip_family::v4;
    out.octets_ = {};
    std::memcpy(out.octets_.data(), data.data(), 4);
    out.scope_id_ = 0;
    return true;
  }
  if (record_.type != rr_type::aaaa || data.size() != 16) return false;
  out.family_ = ip_family::v6;
  std::memcpy(out.octets_.data(), data.data(), 16);
  out.scope_id_ = 0;
  return true;
}

bool message_reader::read(name& out) const noexcept {
  const std::size_t end = rdata_at_ + record_.rdata.size();
  return read_name(rdata_at_, end, out).behind == end;
}

bool message_reader::read(srv_record& out) const noexcept {
  constexpr std::size_t before_target = 6;
  if (record_.rdata.size() <= before_target) return false;
  out.priority = u16(rdata_at_);
  out.weight = u16(rdata_at_ + 2);
  out.port = u16(rdata_at_ + 4);
  const std::size_t end = rdata_at_ + record_.rdata.size();
  const std::size_t target_at = rdata_at_ + before_target;
  // RFC 2782 "Target" forbids a compressed target, but servers send it; accepted as RFC 3597 §4
  // asks.
  const expanded_name target = read_name(target_at, end, out.target);
  if (target.behind != end) return false;
  if (target.pointers == 0 && target_at <= max_pointer) {
    full_names_[target_at % full_names_kept] = {static_cast<std::uint16_t>(target_at), out.target.size_};
  }
  return true;
}

bool message_reader::read(txt_record& out) const {
  result<txt_record> read = txt_record::from_rdata(record_.rdata);
  if (read) out = std::move(*read);
  return read.has_value();
}

template <class T>
result<T> message_reader::as() const {
  result<T> out{T{}};
  if (!read(*out)) return errc::malformed_rdata;
  return out;
}

result<ip_address> message_reader::as_address() const noexcept { return as<ip_address>(); }
result<name> message_reader::as_name() const noexcept { return as<name>(); }
result<srv_record> message_reader::as_srv() const noexcept { return as<srv_record>(); }
result<txt_record> message_reader::as_txt() const { return as<txt_record>(); }

result<soa_record> message_reader::as_soa() const noexcept {
  constexpr std::size_t behind_names = 20;
  const std::size_t end = rdata_at_ + record_.rdata.size();
  name ignored;
  const std::size_t rname = read_name(rdata_at_, end, ignored).behind;
  if (rname == 0) return errc::malformed_rdata;
  const std::size_t numbers = read_name(rname, end, ignored).behind;
  if (numbers == 0 || numbers + behind_names != end) return errc::malformed_rdata;
  return soa_record{u32(numbers), u32(numbers + 16)};
}

}  // namespace sdconnect
