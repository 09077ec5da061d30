#include "dns/zone/zone_writer.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::detail {
namespace {

constexpr std::size_t pointer_limit = 0x3FFF;
constexpr std::size_t max_labels = 127;

}  // namespace

reply_writer::reply_writer(std::size_t limit) : limit_(limit) {
  out_.reserve(512);
  out_.resize(header_size);
}

void reply_writer::put16(std::size_t value) {
  out_.push_back(static_cast<std::uint8_t>(value >> 8 & 0xFF));
  out_.push_back(static_cast<std::uint8_t>(value & 0xFF));
}

void reply_writer::put32(std::uint32_t value) {
  put16(value >> 16);
  put16(value & 0xFFFF);
}

// Compares names including case, so that clients read every name as the zone file or the question
// writes it.
bool reply_writer::stands_at(std::size_t offset, std::span<const std::uint8_t> wire) const noexcept {
  std::size_t at = 0;
  while (true) {
    if ((out_[offset] & 0xC0) == 0xC0) {
      offset = (out_[offset] & std::size_t{0x3F}) << 8 | out_[offset + 1];
      continue;
    }
    const std::size_t length = out_[offset] + std::size_t{1};
    if (at + length > wire.size() || !std::equal(wire.begin() + static_cast<std::ptrdiff_t>(at),
                                                 wire.begin() + static_cast<std::ptrdiff_t>(at + length),
                                                 out_.begin() + static_cast<std::ptrdiff_t>(offset))) {
      return false;
    }
    if (length == 1) return at + 1 == wire.size();
    at += length;
    offset += length;
  }
}

//  1. Hash every suffix of the name, from the root to the left.
//  2. From the left, find the first suffix that the message already contains.
//  3. Write the labels before it and a pointer to it, or the whole name where pointers are not
//     allowed.
//  4. Enter the new suffixes, so that later names can point to them.
void reply_writer::put_name(std::span<const std::uint8_t> wire, bool compress) {
  std::array<std::uint8_t, max_labels> starts;
  std::array<std::size_t, max_labels> hashes;
  std::size_t labels = 0;
  for (std::size_t at = 0; wire[at] != 0; at += wire[at] + std::size_t{1}) {
    starts[labels++] = static_cast<std::uint8_t>(at);
  }
  std::size_t hash = 14695981039346656037U;  // FNV-1a
  for (std::size_t i = labels; i-- > 0;) {
    for (const std::uint8_t octet : wire.subspan(starts[i], wire[starts[i]] + std::size_t{1})) {
      hash = (hash ^ octet) * 1099511628211U;
    }
    hashes[i] = (hash ^ hash >> 32) % slots;
  }

  std::size_t fresh = 0;
  std::size_t known_at = 0;
  for (; fresh < labels; ++fresh) {
    known_at = find_name(hashes[fresh], wire.subspan(starts[fresh]));
    if (known_at != 0) break;
  }

  const std::size_t begin = out_.size();
  if (compress && known_at != 0) {
    put_octets(wire.first(starts[fresh]));
    put16(0xC000 | known_at);
  } else {
    put_octets(wire);
  }
  for (std::size_t i = 0; i < fresh; ++i) enter_name(hashes[i], begin + starts[i]);
}

std::size_t reply_writer::find_name(std::size_t slot, std::span<const std::uint8_t> wire) const noexcept {
  while (names_[slot] != 0) {
    if (stands_at(names_[slot], wire)) return names_[slot];
    slot = (slot + 1) % slots;
  }
  return 0;
}

void reply_writer::enter_name(std::size_t slot, std::size_t offset) {
  if (offset > pointer_limit || used_slots_.size() == most_names) return;
  while (names_[slot] != 0) slot = (slot + 1) % slots;
  names_[slot] = static_cast<std::uint16_t>(offset);
  used_slots_.push_back(static_cast<std::uint16_t>(slot));
}

// Removing entries in reverse order restores the table, including its probing sequences.
void reply_writer::forget_names_behind(std::size_t size) noexcept {
  while (!used_slots_.empty() && names_[used_slots_.back()] >= size) {
    names_[used_slots_.back()] = 0;
    used_slots_.pop_back();
  }
}

void reply_writer::put_question(const question& asked, std::uint16_t qclass) {
  put_name(asked.qname.wire(), false);
  put16(static_cast<std::size_t>(asked.type));
  put16(qclass);
  ++counts_[0];
}

void reply_writer::put_rdata(rr_type type, std::span<const std::uint8_t> rdata) {
  const std::size_t length_at = out_.size();
  put16(0);
  const rdata_layout layout = layout_of(type);
  put_octets(rdata.first(layout.first_name));
  rdata = rdata.subspan(layout.first_name);
  for (std::size_t i = 0; i < layout.names; ++i) {
    std::size_t size = 1;
    while (rdata[size - 1] != 0) size += rdata[size - 1] + std::size_t{1};
    put_name(rdata.first(size), layout.is_compressible);
    rdata = rdata.subspan(size);
  }
  put_octets(rdata);
  const std::size_t length = out_.size() - length_at - 2;
  out_[length_at] = static_cast<std::uint8_t>(length >> 8);
  out_[length_at + 1] = static_cast<std::uint8_t>(length & 0xFF);
}

bool reply_writer::put(message_section section, const name& owner, const zone_rrset& set, std::uint32_t ttl) {
  const std::size_t begin = out_.size();
  bool fits = true;
  for (const zone_rr& rr : set.records) {
    // The other records of the set point to the first record's owner.
    if (out_.size() == begin || begin > pointer_limit) {
      put_name(owner.wire(), true);
    } else {
      put16(0xC000 | ((out_[begin] & 0xC0) == 0xC0 ? std::size_t{out_[begin] & 0x3FU} << 8 | out_[begin + 1] : begin));
    }
    put16(static_cast<std::size_t>(set.type));
    put16(static_cast<std::size_t>(rr_class::in));
    put32(ttl);
    put_rdata(set.type, rr.rdata);
    fits = out_.size() <= limit_;
    if (!fits) break;
  }
  if (!fits) {
    out_.resize(begin);
    forget_names_behind(begin);
    return false;
  }
  std::uint16_t& count = counts_[1 + static_cast<std::size_t>(section)];
  count = static_cast<std::uint16_t>(count + set.records.size());
  return true;
}

void reply_writer::put_opt(std::uint16_t payload, std::uint8_t extended_rcode, std::uint16_t flags) {
  out_.push_back(0);
  put16(static_cast<std::size_t>(rr_type::opt));
  put16(payload);
  put16(std::size_t{extended_rcode} << 8);  // version 0
  put16(flags);
  put16(0);
  ++counts_[3];
}

std::vector<std::uint8_t> reply_writer::finish(std::uint16_t id, std::uint16_t flags) && {
  std::size_t at = 0;
  const auto set16 = [this, &at](std::uint16_t value) {
    out_[at++] = static_cast<std::uint8_t>(value >> 8);
    out_[at++] = static_cast<std::uint8_t>(value & 0xFF);
  };
  set16(id);
  set16(flags);
  for (const std::uint16_t count : counts_) set16(count);
  return std::move(out_);
}

}  // namespace sdconnect::detail
