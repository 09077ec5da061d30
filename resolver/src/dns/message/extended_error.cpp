#include "sdconnect/dns/extended_error.hpp"

#include "dns/message/extended_error_options.hpp"
#include "net/base/printable.hpp"

#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace sdconnect {
namespace {

constexpr std::uint16_t extended_error_option = 15;  // RFC 8914 §2
constexpr std::size_t option_header = 4;             // OPTION-CODE, OPTION-LENGTH
constexpr std::size_t info_code_size = 2;

// IANA, "Domain Name System (DNS) Parameters", registry "Extended DNS Error Codes".
constexpr std::array<std::string_view, 34> error_names{"Other Error",
                                                       "Unsupported DNSKEY Algorithm",
                                                       "Unsupported DS Digest Type",
                                                       "Stale Answer",
                                                       "Forged Answer",
                                                       "DNSSEC Indeterminate",
                                                       "DNSSEC Bogus",
                                                       "Signature Expired",
                                                       "Signature Not Yet Valid",
                                                       "DNSKEY Missing",
                                                       "RRSIGs Missing",
                                                       "No Zone Key Bit Set",
                                                       "NSEC Missing",
                                                       "Cached Error",
                                                       "Not Ready",
                                                       "Blocked",
                                                       "Censored",
                                                       "Filtered",
                                                       "Prohibited",
                                                       "Stale NXDOMAIN Answer",
                                                       "Not Authoritative",
                                                       "Not Supported",
                                                       "No Reachable Authority",
                                                       "Network Error",
                                                       "Invalid Data",
                                                       "Signature Expired before Valid",
                                                       "Too Early",
                                                       "Unsupported NSEC3 Iterations Value",
                                                       "Unable to conform to policy",
                                                       "Synthesized",
                                                       "Invalid Query Type",
                                                       "Rate Limited",
                                                       "Over Quota",
                                                       "Negative Trust Anchor"};

// Servers written in C may end the text with NUL (RFC 8914 §2).
std::string_view without_final_nul(std::string_view text) noexcept {
  while (text.ends_with('\0')) text.remove_suffix(1);
  return text;
}

// Does not cut a character of UTF-8 in two.
std::string_view shortened(std::string_view text) noexcept {
  if (text.size() <= max_extended_text) return text;
  std::size_t end = max_extended_text;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end > 0 ? end : max_extended_text);
}

extended_error extended_error_from(std::span<const std::uint8_t> option) {
  const std::span<const std::uint8_t> text = option.subspan(info_code_size);
  const std::string_view octets(reinterpret_cast<const char*>(text.data()), text.size());
  return {boost::endian::load_big_u16(option.data()), std::string(shortened(without_final_nul(octets)))};
}

}  // namespace

std::string_view extended_error_name(std::uint16_t code) noexcept {
  return code < error_names.size() ? error_names[code] : std::string_view();
}

std::string to_string(const extended_error& e) {
  std::string shown = "EDE " + std::to_string(e.code);
  if (const std::string_view known = extended_error_name(e.code); !known.empty()) {
    shown += " (" + std::string(known) + ')';
  }
  if (!e.text.empty()) shown += ": " + detail::escaped(e.text);
  return shown;
}

void detail::append_extended_errors(std::span<const std::uint8_t> options, std::vector<extended_error>& out) {
  while (options.size() >= option_header && out.size() < max_extended_errors) {
    const std::uint16_t code = boost::endian::load_big_u16(options.data());
    const std::size_t length = boost::endian::load_big_u16(options.data() + 2);
    if (option_header + length > options.size()) return;
    if (code == extended_error_option && length >= info_code_size) {
      extended_error read = extended_error_from(options.subspan(option_header, length));
      if (std::ranges::find(out, read) == out.end()) out.push_back(std::move(read));
    }
    options = options.subspan(option_header + length);
  }
}

}  // namespace sdconnect
