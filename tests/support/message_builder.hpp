/// \file
/// Builds DNS messages octet by octet for tests, independent of the library's own writer. It checks
/// nothing, so that a test can build messages that no correct peer would send.
#pragma once

#include "sdconnect/dns/records.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect::test {

using octets = std::vector<std::uint8_t>;

inline void put_u8(octets& out, std::size_t value) { out.push_back(static_cast<std::uint8_t>(value & 0xFF)); }
inline void put_u16(octets& out, std::size_t value) {
  put_u8(out, value >> 8);
  put_u8(out, value);
}
inline void put_u32(octets& out, std::size_t value) {
  put_u16(out, value >> 16);
  put_u16(out, value);
}
inline void put(octets& out, const octets& more) { out.insert(out.end(), more.begin(), more.end()); }

/// A name in wire format. Text is split at dots and not compressed; it has no escapes: for labels
/// with dots use labels().
struct wire_name {
  octets bytes;

  wire_name(std::string_view text) {  // NOLINT(google-explicit-constructor): a test writes the text
    while (!text.empty()) {
      const auto dot = text.find('.');
      put_label(text.substr(0, dot));
      text = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
    }
    put_u8(bytes, 0);
  }
  wire_name(const char* text) : wire_name(std::string_view(text)) {}         // NOLINT(google-explicit-constructor)
  wire_name(const std::string& text) : wire_name(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  wire_name(const name& n) : bytes(n.wire().begin(), n.wire().end()) {}      // NOLINT(google-explicit-constructor)

  /// Exactly these octets, valid or not.
  static wire_name raw(octets bytes) {
    wire_name made;
    made.bytes = std::move(bytes);
    return made;
  }
  /// Labels of any octets, terminated by the root.
  static wire_name labels(std::initializer_list<std::string_view> labels) {
    wire_name made;
    for (const auto label : labels) made.put_label(label);
    put_u8(made.bytes, 0);
    return made;
  }
  /// Labels (possibly none) terminated by a compression pointer to that offset of the message; the
  /// question's name is at 12.
  static wire_name pointer(std::size_t offset, std::initializer_list<std::string_view> labels = {}) {
    wire_name made;
    for (const auto label : labels) made.put_label(label);
    put_u16(made.bytes, 0xC000 | offset);
    return made;
  }

 private:
  wire_name() = default;
  void put_label(std::string_view label) {
    put_u8(bytes, label.size());
    bytes.insert(bytes.end(), label.begin(), label.end());
  }
};

/// A type or class given by name or by number.
struct code_point {
  std::uint16_t value;
  constexpr code_point(rr_type t) : value(static_cast<std::uint16_t>(t)) {}   // NOLINT(google-explicit-constructor)
  constexpr code_point(rr_class c) : value(static_cast<std::uint16_t>(c)) {}  // NOLINT(google-explicit-constructor)
  constexpr code_point(int n) : value(static_cast<std::uint16_t>(n)) {}       // NOLINT(google-explicit-constructor)
};

inline octets rdata_name(const wire_name& n) { return n.bytes; }

inline octets rdata_srv(unsigned priority, unsigned weight, unsigned port, const wire_name& target) {
  octets out;
  put_u16(out, priority);
  put_u16(out, weight);
  put_u16(out, port);
  put(out, target.bytes);
  return out;
}

/// "192.0.2.1". Throws on anything else, which is a typing error in a test.
inline octets rdata_a(std::string_view text) {
  octets out;
  unsigned part = 0;
  for (const char c : text) {
    if (c == '.') {
      put_u8(out, part);
      part = 0;
    } else {
      part = part * 10 + static_cast<unsigned>(c - '0');
    }
  }
  put_u8(out, part);
  if (out.size() != 4) throw std::invalid_argument("rdata_a: not an IPv4 address");
  return out;
}

/// "2001:db8::1" (no embedded IPv4 form).
inline octets rdata_aaaa(std::string_view text) {
  const auto gap = text.find("::");
  const auto groups = [](std::string_view part) {
    octets out;
    while (!part.empty()) {
      const auto colon = part.find(':');
      put_u16(out, static_cast<std::size_t>(std::stoul(std::string(part.substr(0, colon)), nullptr, 16)));
      part = colon == std::string_view::npos ? std::string_view{} : part.substr(colon + 1);
    }
    return out;
  };
  octets out = groups(text.substr(0, gap));
  if (gap != std::string_view::npos) {
    const octets tail = groups(text.substr(gap + 2));
    if (out.size() + tail.size() <= 16) out.resize(16 - tail.size(), 0);
    put(out, tail);
  }
  if (out.size() != 16) throw std::invalid_argument("rdata_aaaa: not an IPv6 address");
  return out;
}

inline octets rdata_soa(std::uint32_t minimum, const wire_name& mname = "ns1.example.com",
                        const wire_name& rname = "hostmaster.example.com", std::uint32_t serial = 1) {
  octets out = mname.bytes;
  put(out, rname.bytes);
  put_u32(out, serial);
  put_u32(out, 3600);   // refresh
  put_u32(out, 600);    // retry
  put_u32(out, 86400);  // expire
  put_u32(out, minimum);
  return out;
}

/// One character-string per element; an empty list gives empty RDATA.
inline octets rdata_txt(std::initializer_list<std::string_view> strings) {
  octets out;
  for (const auto s : strings) {
    put_u8(out, s.size());
    out.insert(out.end(), s.begin(), s.end());
  }
  return out;
}

/// Writes records in the order of the calls, so call question, answer, authority, additional in
/// this order. The header's counts follow the calls unless counts() overrides them.
class message_builder {
 public:
  explicit message_builder(unsigned id) {
    put_u16(out_, id);
    out_.resize(12, 0);
  }
  /// Returns a message that begins with these octets, for instance a query to answer.
  static message_builder continue_from(octets message) {
    message_builder made(0);
    made.out_ = std::move(message);
    for (std::size_t i = 0; i < 4; ++i)
      made.counts_[i] = static_cast<unsigned>(made.out_.at(4 + 2 * i) << 8 | made.out_.at(5 + 2 * i));
    return made;
  }

  message_builder& response() { return flag(2, 0x80); }
  message_builder& aa() { return flag(2, 0x04); }
  message_builder& tc() { return flag(2, 0x02); }
  message_builder& rd() { return flag(2, 0x01); }
  message_builder& ra() { return flag(3, 0x80); }
  message_builder& ad() { return flag(3, 0x20); }
  message_builder& cd() { return flag(3, 0x10); }
  message_builder& opcode(unsigned value) {
    out_[2] = static_cast<std::uint8_t>((out_[2] & 0x87) | (value & 0xF) << 3);
    return *this;
  }
  /// Sets the lower four bits; opt() holds the upper bits.
  message_builder& rcode(unsigned value) {
    out_[3] = static_cast<std::uint8_t>((out_[3] & 0xF0) | (value & 0xF));
    return *this;
  }
  message_builder& rcode(sdconnect::rcode value) { return rcode(static_cast<unsigned>(value)); }

  message_builder& question(const wire_name& qname, code_point type, code_point qclass = 1) {
    put(out_, qname.bytes);
    put_u16(out_, type.value);
    put_u16(out_, qclass.value);
    ++counts_[0];
    return *this;
  }

  message_builder& answer(const wire_name& owner, code_point type, std::uint32_t ttl, const octets& rdata,
                          code_point rclass = 1) {
    return record(1, owner, type, ttl, rdata, rclass, rdata.size());
  }
  message_builder& authority(const wire_name& owner, code_point type, std::uint32_t ttl, const octets& rdata,
                             code_point rclass = 1) {
    return record(2, owner, type, ttl, rdata, rclass, rdata.size());
  }
  message_builder& additional(const wire_name& owner, code_point type, std::uint32_t ttl, const octets& rdata,
                              code_point rclass = 1) {
    return record(3, owner, type, ttl, rdata, rclass, rdata.size());
  }
  /// Adds a record of section 1 (answer), 2 (authority) or 3 (additional) with a false RDLENGTH.
  message_builder& record(std::size_t section, const wire_name& owner, code_point type, std::uint32_t ttl,
                          const octets& rdata, code_point rclass, std::size_t rdlength) {
    put(out_, owner.bytes);
    put_u16(out_, type.value);
    put_u16(out_, rclass.value);
    put_u32(out_, ttl);
    put_u16(out_, rdlength);
    put(out_, rdata);
    ++counts_[section];
    return *this;
  }

  /// RFC 6891 §6.1.2. `whole_rcode` is the 12-bit one, of which OPT holds the upper eight bits;
  /// `options` are in wire format (code, length, data).
  message_builder& opt(unsigned payload = 1232, unsigned whole_rcode = 0, unsigned version = 0, bool dnssec_ok = false,
                       const octets& options = {}) {
    const std::uint32_t ttl = (whole_rcode >> 4 & 0xFF) << 24 | (version & 0xFF) << 16 | (dnssec_ok ? 0x8000U : 0U);
    return additional("", rr_type::opt, ttl, options, static_cast<int>(payload));
  }

  /// Adds octets that belong to no counted record.
  message_builder& raw(const octets& bytes) {
    put(out_, bytes);
    return *this;
  }
  /// Sets the counts in the header, independent of the records added before and after.
  message_builder& counts(unsigned questions, unsigned answers, unsigned authorities, unsigned additionals) {
    claimed_ = {questions, answers, authorities, additionals};
    has_claim_ = true;
    return *this;
  }

  /// Offset of the next octet: the target for a later wire_name::pointer().
  [[nodiscard]] std::size_t offset() const { return out_.size(); }

  [[nodiscard]] octets bytes() const {
    octets made = out_;
    const auto& counts = has_claim_ ? claimed_ : counts_;
    for (std::size_t i = 0; i < 4; ++i) {
      made[4 + 2 * i] = static_cast<std::uint8_t>(counts[i] >> 8 & 0xFF);
      made[5 + 2 * i] = static_cast<std::uint8_t>(counts[i] & 0xFF);
    }
    return made;
  }

 private:
  message_builder& flag(std::size_t at, unsigned bit) {
    out_[at] = static_cast<std::uint8_t>(out_[at] | bit);
    return *this;
  }

  octets out_;
  std::array<unsigned, 4> counts_{};
  std::array<unsigned, 4> claimed_{};
  bool has_claim_ = false;
};

}  // namespace sdconnect::test
