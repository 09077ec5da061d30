#include "scenarios/values.hpp"

#include <boost/asio/error.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <utility>

namespace sdconnect::scenario {
namespace {

// The text of to_string() as one word.
std::string word_of(errc e) {
  std::string word(to_string(e));
  std::ranges::replace(word, ' ', '_');
  return word;
}

// The enumerators are numbered from 1 without gaps.
std::optional<errc> errc_from(std::string_view word) {
  for (int value = 1; to_string(static_cast<errc>(value)) != "unknown"; ++value) {
    if (word_of(static_cast<errc>(value)) == word) return static_cast<errc>(value);
  }
  return std::nullopt;
}

constexpr std::array errno_names{
    std::pair{ECONNREFUSED, "ECONNREFUSED"},
    std::pair{ECONNRESET, "ECONNRESET"},
    std::pair{ECONNABORTED, "ECONNABORTED"},
    std::pair{EPIPE, "EPIPE"},
    std::pair{EHOSTUNREACH, "EHOSTUNREACH"},
    std::pair{ENETUNREACH, "ENETUNREACH"},
    std::pair{ENETDOWN, "ENETDOWN"},
    std::pair{EAFNOSUPPORT, "EAFNOSUPPORT"},
    std::pair{ETIMEDOUT, "ETIMEDOUT"},
    std::pair{EMSGSIZE, "EMSGSIZE"},
    std::pair{EADDRINUSE, "EADDRINUSE"},
    std::pair{EADDRNOTAVAIL, "EADDRNOTAVAIL"},
    std::pair{EMFILE, "EMFILE"},
    std::pair{ENFILE, "ENFILE"},
    std::pair{ENOBUFS, "ENOBUFS"},
    std::pair{ENOMEM, "ENOMEM"},
    std::pair{EAGAIN, "EAGAIN"},
    std::pair{EPERM, "EPERM"},
    std::pair{EACCES, "EACCES"},
    std::pair{EINVAL, "EINVAL"},
    std::pair{EIO, "EIO"},
    std::pair{ECANCELED, "aborted"},
};

constexpr std::array type_names{
    std::pair{rr_type::a, "A"},       std::pair{rr_type::ns, "NS"},   std::pair{rr_type::cname, "CNAME"},
    std::pair{rr_type::soa, "SOA"},   std::pair{rr_type::ptr, "PTR"}, std::pair{rr_type::txt, "TXT"},
    std::pair{rr_type::aaaa, "AAAA"}, std::pair{rr_type::srv, "SRV"}, std::pair{rr_type::dname, "DNAME"},
    std::pair{rr_type::opt, "OPT"},
};

constexpr std::array class_names{std::pair{1, "IN"}, std::pair{3, "CH"}, std::pair{4, "HS"}, std::pair{254, "NONE"},
                                 std::pair{255, "ANY"}};

constexpr std::string_view domain = "example.com.";

std::optional<std::int64_t> number_from(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class T, class Read>
range<T> range_with(std::string_view text, Read read) {
  const std::size_t dots = text.find("..");
  if (dots == text.npos) return {read(text), read(text)};
  return {read(text.substr(0, dots)), read(text.substr(dots + 2))};
}

}  // namespace

name name_from(const script_line& line, std::string_view text) {
  if (text == "@") text = domain;
  const std::string absolute = text.ends_with('.') ? std::string(text) : fmt::format("{}.{}", text, domain);
  const result<name> read = name::from_text(absolute);
  if (!read) line.fail("no name: " + std::string(text));
  return *read;
}

std::string text_of(const name& n) {
  static const name origin = name::from_text(domain).value();
  std::string text = n.to_text();
  if (n == origin) return "@";
  if (n.is_at_or_below(origin)) text.resize(text.size() - domain.size() - 1);
  return text;
}

rr_type type_from(const script_line& line, std::string_view text) {
  for (const auto& [type, spelled] : type_names) {
    if (text == spelled) return type;
  }
  const auto value = number_from(text.starts_with("TYPE") ? text.substr(4) : text);
  if (!value || *value < 0 || *value > 65535) line.fail("no record type: " + std::string(text));
  return static_cast<rr_type>(*value);
}

int class_from(const script_line& line, std::string_view text) {
  for (const auto& [value, spelled] : class_names) {
    if (text == spelled) return value;
  }
  const auto value = number_from(text);
  if (!value || *value < 0 || *value > 65535) line.fail("no class: " + std::string(text));
  return static_cast<int>(*value);
}

unsigned rcode_from(const script_line& line, std::string_view text) {
  for (const rcode code : {rcode::noerror, rcode::formerr, rcode::servfail, rcode::nxdomain, rcode::notimp,
                           rcode::refused, rcode::notauth, rcode::badvers}) {
    if (text == to_string(code)) return static_cast<unsigned>(code);
  }
  const auto value = number_from(text);
  if (!value || *value < 0 || *value > 4095) line.fail("no rcode: " + std::string(text));
  return static_cast<unsigned>(*value);
}

error_code error_from(const script_line& line, std::string_view text) {
  if (text == "ok") return {};
  if (text == "eof") return boost::asio::error::eof;
  if (const std::optional<errc> what = errc_from(text)) return *what;
  for (const auto& [number, spelled] : errno_names) {
    if (text == spelled) return {number, boost::system::system_category()};
  }
  line.fail("no error: " + std::string(text));
}

std::string text_of(error_code ec) {
  if (!ec) return "ok";
  if (ec.category() == sdconnect_category()) return word_of(static_cast<errc>(ec.value()));
  for (const auto& [number, spelled] : errno_names) {
    if (ec == error_code(number, boost::system::system_category())) return spelled;
  }
  return ec.message();
}

std::chrono::nanoseconds time_from(const script_line& line, std::string_view text) {
  const auto time = duration_from(text);
  if (!time) line.fail("no time: " + std::string(text));
  return *time;
}

std::string text_of(std::chrono::nanoseconds time) {
  std::string text = fmt::format("{:.6f}", std::chrono::duration<double>(time).count());
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + 's';
}

octets octets_from(const script_line& line, std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != ' '; });
  if (digits.size() % 2 != 0) line.fail("half an octet: " + std::string(text));
  octets out;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    std::uint8_t value = 0;
    const char* const end = digits.data() + at + 2;
    if (std::from_chars(digits.data() + at, end, value, 16).ptr != end) line.fail("no hex: " + std::string(text));
    out.push_back(value);
  }
  return out;
}

range<std::int64_t> range_from(const script_line& line, std::string_view text) {
  return range_with<std::int64_t>(text, [&](std::string_view part) {
    const auto value = number_from(part);
    if (!value) line.fail("no number: " + std::string(text));
    return *value;
  });
}

range<std::int64_t> ordinals_from(const script_line& line, std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return range_from(line, text);
  const std::int64_t low = range_from(line, text.substr(0, dash)).low;
  const std::string_view high = text.substr(dash + 1);
  return {low, high.empty() ? INT64_MAX : range_from(line, high).low};
}

range<std::chrono::nanoseconds> time_range_from(const script_line& line, std::string_view text) {
  return range_with<std::chrono::nanoseconds>(text, [&](std::string_view part) { return time_from(line, part); });
}

}  // namespace sdconnect::scenario
