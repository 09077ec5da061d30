/// \file
/// Writes the reply message: whole RRsets that fit, and pointers for names that the message already
/// contains (RFC 1035 §4.1.4).
#pragma once

#include "dns/zone/zone_data.hpp"
#include "sdconnect/dns/message_reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sdconnect::detail {

class reply_writer {
 public:
  static constexpr std::size_t header_size = 12;

  /// put() adds records while the message stays within `limit` octets.
  explicit reply_writer(std::size_t limit);

  void put_question(const question& asked, std::uint16_t qclass);

  /// Adds all records of the set; adds none and returns false if they do not fit.
  [[nodiscard]] bool put(message_section section, const name& owner, const zone_rrset& set, std::uint32_t ttl);

  /// Ignores the limit, which the caller has reduced by opt_size.
  void put_opt(std::uint16_t payload, std::uint8_t extended_rcode, std::uint16_t flags);
  static constexpr std::size_t opt_size = 11;

  /// Returns the message with this ID and these flags, and the counts of the added records.
  [[nodiscard]] std::vector<std::uint8_t> finish(std::uint16_t id, std::uint16_t flags) &&;

 private:
  void put16(std::size_t value);
  void put32(std::uint32_t value);
  void put_octets(std::span<const std::uint8_t> octets) { out_.insert(out_.end(), octets.begin(), octets.end()); }
  void put_name(std::span<const std::uint8_t> wire, bool compress);
  void put_rdata(rr_type type, std::span<const std::uint8_t> rdata);
  [[nodiscard]] bool stands_at(std::size_t offset, std::span<const std::uint8_t> wire) const noexcept;
  [[nodiscard]] std::size_t find_name(std::size_t slot, std::span<const std::uint8_t> wire) const noexcept;
  void enter_name(std::size_t slot, std::size_t offset);
  void forget_names_behind(std::size_t size) noexcept;

  // Offsets of names by the hash of their octets, with open addressing. Pointers reach only 16,384
  // octets, so there cannot be many more useful entries than this; names that find no room are
  // written in full.
  static constexpr std::size_t slots = 4096;
  static constexpr std::size_t most_names = slots / 4 * 3;

  std::size_t limit_;
  std::vector<std::uint8_t> out_;
  std::array<std::uint16_t, 4> counts_{};
  std::array<std::uint16_t, slots> names_{};  // 0 is free: no name is inside the header
  std::vector<std::uint16_t> used_slots_;     // in order of use, to remove the latest ones
};

}  // namespace sdconnect::detail
