/// \file
/// Reads a received DNS message (RFC 1035 §4.1) once, front to back, without allocating.
#pragma once

#include "sdconnect/dns/records.hpp"
#include "sdconnect/dns/txt.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <boost/endian/conversion.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sdconnect {

struct message_header {
  std::uint16_t id = 0;
  bool is_response = false;
  std::uint8_t opcode = 0;
  bool authoritative = false;
  bool truncated = false;
  bool recursion_desired = false;
  bool recursion_available = false;
  bool authenticated = false;  ///< AD, RFC 4035 §3.2.3
  std::uint8_t rcode = 0;      ///< the lower four bits; an OPT record holds the upper bits (RFC 6891 §6.1.3)
  std::uint16_t question_count = 0;
  std::uint16_t answer_count = 0;
  std::uint16_t authority_count = 0;
  std::uint16_t additional_count = 0;
};

enum class message_section : std::uint8_t { answer, authority, additional };
/// "answer", "authority", "additional".
[[nodiscard]] std::string_view to_string(message_section section) noexcept;

struct message_record {
  message_section section = message_section::answer;
  name owner;
  bool repeats_owner = false;  ///< the owner is a pointer to the previous owner, so the two are equal
  rr_type type{};
  rr_class rclass{};
  std::uint32_t ttl = 0;                ///< as on the wire, not yet clamped
  std::span<const std::uint8_t> rdata;  ///< a view into the message
};

/// Use: call open(), then read_question() as often as the header says, then `while (reader.next())
/// use(reader.record());`, and then check error(). Compression pointers must point backwards, and a
/// name may use at most 127 of them. RDLENGTH is binding: if a record's data do not fit its type,
/// only its as_…() fails and the reader stays aligned. Ignores octets after the last record. Never
/// throws. The message must outlive the reader.
class message_reader {
 public:
  static constexpr std::size_t header_size = 12;
  static constexpr std::size_t smallest_record = 11;  ///< root name, type, class, TTL, RDLENGTH

  /// Checks the header and, unless TC is set, that the record counts can fit into the message.
  /// Errors: malformed_message.
  [[nodiscard]] static result<message_reader> open(std::span<const std::uint8_t> message) noexcept;
  /// As open(); error() returns the result.
  explicit message_reader(std::span<const std::uint8_t> message) noexcept;

  [[nodiscard]] const message_header& header() const noexcept { return header_; }

  /// The next question. `qclass` is as received; the caller must check it. Errors:
  /// malformed_message.
  struct question_record {
    question asked;
    std::uint16_t qclass = 0;
  };
  [[nodiscard]] result<question_record> read_question() noexcept;

  /// Steps to the next record of any section, and skips unread questions. Returns false at the end
  /// or on an error.
  [[nodiscard]] bool next() noexcept;
  /// Valid after next() returned true, until the next call of next().
  [[nodiscard]] const message_record& record() const noexcept { return record_; }
  /// Why next() returned false; success if every record was read.
  [[nodiscard]] error_code error() const noexcept { return error_; }

  /// Returns the current record's data. Errors: malformed_rdata if the data are too short, too long
  /// or malformed.
  [[nodiscard]] result<ip_address> as_address() const noexcept;  ///< A (4 octets) or AAAA (16 octets)
  [[nodiscard]] result<name> as_name() const noexcept;           ///< PTR, CNAME, DNAME, NS
  [[nodiscard]] result<srv_record> as_srv() const noexcept;
  [[nodiscard]] result<soa_record> as_soa() const noexcept;
  [[nodiscard]] result<txt_record> as_txt() const;

  /// As as_…(), for many records of one kind: writes directly into `out`. Returns false for
  /// malformed_rdata; the content of `out` then means nothing. A name takes a quarter of a
  /// kilobyte, and copying it would take half of the time.
  [[nodiscard]] bool read(ip_address& out) const noexcept;
  [[nodiscard]] bool read(name& out) const noexcept;
  [[nodiscard]] bool read(srv_record& out) const noexcept;
  [[nodiscard]] bool read(txt_record& out) const;

 private:
  struct expanded_name {
    std::size_t behind = 0;  // offset at which reading continues; 0: malformed
    int pointers = 0;
  };
  /// Reads the name at `at` into `out`. `end` limits the octets before the first pointer.
  expanded_name read_name(std::size_t at, std::size_t end, name& out) const noexcept;
  std::size_t read_owner() noexcept;  // returns the offset after the owner; 0: malformed
  bool skip_question() noexcept;
  template <class T>
  [[nodiscard]] result<T> as() const;
  // REQUIRES: 2 octets at `at`, 4 octets for u32.
  [[nodiscard]] std::uint16_t u16(std::size_t at) const noexcept {
    return boost::endian::load_big_u16(message_.data() + at);
  }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const noexcept {
    return boost::endian::load_big_u32(message_.data() + at);
  }
  bool fail() noexcept;

  // Position of an uncompressed target name; the address records that follow have pointers to it as
  // their owners.
  struct full_name {
    std::uint16_t at = 0;
    std::uint8_t size = 0;
  };
  static constexpr std::size_t full_names_kept = 13;  // a prime, so that records of equal size do not collide
  [[nodiscard]] bool recall_name(std::size_t at, name& out) const noexcept;

  std::span<const std::uint8_t> message_;
  message_header header_;
  std::size_t at_ = 0;        // offset of the next octet to read
  std::size_t rdata_at_ = 0;  // offset of the current record's data
  static constexpr std::size_t no_pointer_leads_here = 0x4000;
  std::size_t owner_at_ = no_pointer_leads_here;  // position of record_.owner, to recognise pointers to it
  std::uint16_t questions_left_ = 0;
  std::uint16_t section_left_ = 0;  // records of record_.section
  message_record record_;
  error_code error_;
  mutable std::array<full_name, full_names_kept> full_names_{};  // name n is at n.at % full_names_kept
};

}  // namespace sdconnect
