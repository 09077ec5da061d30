/// \file
/// The reply of a server to a query, and how it is sent: one line `reply ...` of a scenario.
#pragma once

#include "scenarios/record_text.hpp"
#include "scenarios/script.hpp"
#include "scenarios/values.hpp"
#include "sdconnect/dns/zone.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sdconnect::scenario {

class reply_plan {
 public:
  /// Throws script_error.
  explicit reply_plan(const script_line& line);

  /// Returns the octets of the message, for a query that came over UDP or a stream.
  [[nodiscard]] octets message(std::span<const std::uint8_t> query, bool is_udp, const zone& z) const;

  /// How it is sent.
  struct manners {
    std::chrono::nanoseconds after = std::chrono::milliseconds(2);
    std::int64_t times = 1;
    bool other_port = false;
    // Over streams:
    std::optional<std::size_t> drip;  ///< sends this many octets at a time
    std::chrono::nanoseconds drip_pause{};
    std::optional<std::size_t> stall;  ///< stops after this many octets
    bool close = false;
    std::optional<std::size_t> length;  ///< value of the length prefix
  };
  [[nodiscard]] const manners& how() const noexcept { return how_; }

 private:
  enum class source : std::uint8_t { zone, code, records, hex };

  void read_question(const script_line& line);
  void read_header(const script_line& line);
  void read_manners(const script_line& line);
  [[nodiscard]] octets asked_instead(std::span<const std::uint8_t> query) const;
  [[nodiscard]] octets composed(std::span<const std::uint8_t> query) const;
  [[nodiscard]] octets from_hex(std::span<const std::uint8_t> query) const;
  void finish(octets& message, std::span<const std::uint8_t> query) const;

  source source_ = source::code;
  std::string hex_;  // digits, and optionally `id`
  int line_ = 0;
  std::vector<wire_record> records_;
  manners how_;

  // Overrides of the copied question.
  std::optional<octets> qname_;
  std::optional<int> qtype_, qclass_;
  std::int64_t questions_ = 1;
  bool lower_case_ = false;

  int id_offset_ = 0;
  std::optional<unsigned> rcode_, edns_rcode_;
  std::optional<unsigned> opcode_;
  bool is_query_ = false, tc_ = false, ad_ = false, z_ = false;
  bool no_edns_ = false;
  std::vector<std::uint16_t> counts_;
  std::optional<std::size_t> cut_;
  std::size_t pad_ = 0;
};

}  // namespace sdconnect::scenario
