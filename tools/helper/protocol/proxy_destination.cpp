#include "helper/protocol/proxy_destination.hpp"

#include "net/base/ascii.hpp"
#include "net/base/printable.hpp"
#include "sdconnect/dns/service_name.hpp"

#include <algorithm>
#include <charconv>

namespace sdconnect::helper {
namespace {

std::optional<unsigned> hex_digit(char c) noexcept {
  if (detail::is_digit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return {};
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return {};
    const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (!high || !low) return {};
    out += static_cast<char>(*high << 4U | *low);
    i += 2;
  }
  return out;
}

std::optional<name> name_of(const std::vector<std::string>& labels) {
  name out;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    const result<name> longer = out.child(*label);
    if (!longer) return {};
    out = *longer;
  }
  return out;
}

bool append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t octet) { out += static_cast<char>(octet); };
  if (code >= 0xD800 && code <= 0xDFFF) return false;
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x110000) {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    return false;
  }
  return true;
}

// Parameters of Punycode, RFC 3492 §5.
constexpr std::uint32_t base = 36, least_threshold = 1, most_threshold = 26, skew = 38, damping = 700;
constexpr std::uint32_t first_bias = 72, first_code = 128;

std::uint32_t adapted(std::uint32_t delta, std::uint32_t count, bool is_first) noexcept {
  delta = is_first ? delta / damping : delta / 2;
  delta += delta / count;
  std::uint32_t k = 0;
  for (; delta > (base - least_threshold) * most_threshold / 2; k += base) delta /= base - least_threshold;
  return k + (base - least_threshold + 1) * delta / (delta + skew);
}

}  // namespace

std::optional<ip_address> proxy_destination::address() const {
  std::string_view text = host;
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const result<ip_address> parsed = ip_address::from_text(text);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

std::string proxy_destination::to_text() const {
  const bool is_bare_v6 = host.find(':') != std::string::npos && host.front() != '[';
  const std::string shown = detail::escaped(host);
  return (is_bare_v6 ? '[' + shown + ']' : shown) + ':' + std::to_string(port);
}

std::optional<proxy_destination> destination_from_text(std::string_view authority,
                                                       std::optional<std::uint16_t> default_port) {
  std::size_t host_end = authority.size();
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return {};
    host_end = bracket + 1;
  } else {
    host_end = std::min(authority.find(':'), authority.size());
  }
  proxy_destination out{.host = std::string(authority.substr(0, host_end)), .port = default_port.value_or(0)};
  if (out.host.empty()) return {};
  std::string_view port = authority.substr(host_end);
  if (port.starts_with(':')) {
    port.remove_prefix(1);
    if (port.empty() && default_port) return out;  // RFC 3986 §3.2.3
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc() || end != port.data() + port.size() || out.port == 0) return {};
    return out;
  }
  if (!port.empty() || !default_port) return {};
  return out;
}

std::optional<std::string> punycode_to_utf8(std::string_view encoded) {
  std::vector<std::uint32_t> codes;
  const std::size_t hyphen = encoded.rfind('-');
  if (hyphen != std::string_view::npos) {
    for (const char c : encoded.substr(0, hyphen)) {
      if (static_cast<unsigned char>(c) >= first_code) return {};
      codes.push_back(static_cast<unsigned char>(c));
    }
    encoded.remove_prefix(hyphen + 1);
  }
  if (encoded.size() > name::max_label_size) return {};
  // A label has at most 63 octets, so no sum overflows 64 bits.
  std::uint64_t n = first_code, i = 0;
  std::uint32_t bias = first_bias;
  for (std::size_t at = 0; at < encoded.size();) {
    const std::uint64_t before = i;
    std::uint64_t weight = 1;
    for (std::uint32_t k = base;; k += base) {
      if (at == encoded.size()) return {};
      const char c = encoded[at++];
      std::uint32_t digit = 0;
      if (detail::is_digit(c))
        digit = static_cast<std::uint32_t>(c - '0') + 26;
      else if (detail::is_letter(c))
        digit = static_cast<std::uint32_t>(c | 0x20) - 'a';
      else
        return {};
      i += digit * weight;
      if (i > 0xFFFFFFFF) return {};
      const std::uint32_t threshold =
          k <= bias ? least_threshold : std::min(most_threshold, std::max(least_threshold, k - bias));
      if (digit < threshold) break;
      weight *= base - threshold;
      if (weight > 0xFFFFFFFF) return {};
    }
    const auto count = static_cast<std::uint32_t>(codes.size()) + 1;
    bias = adapted(static_cast<std::uint32_t>(i - before), count, before == 0);
    n += i / count;
    i %= count;
    if (n > 0x10FFFF) return {};
    codes.insert(codes.begin() + static_cast<std::ptrdiff_t>(i), static_cast<std::uint32_t>(n));
    ++i;
  }
  std::string out;
  for (const std::uint32_t code : codes) {
    if (!append_utf8(out, code)) return {};
  }
  return out;
}

std::vector<name> names_of_host(std::string_view host) {
  constexpr std::string_view ace_prefix = "xn--";
  if (host.ends_with('.')) host.remove_suffix(1);
  std::vector<std::string> labels;
  while (true) {
    const std::size_t dot = host.find('.');
    std::optional<std::string> label = percent_decoded(host.substr(0, dot));
    if (!label) return {};
    labels.push_back(*std::move(label));
    if (dot == std::string_view::npos) break;
    host.remove_prefix(dot + 1);
  }
  const std::optional<name> as_sent = name_of(labels);
  if (!as_sent) return {};
  std::vector<name> out;
  const std::string_view first = labels.front();
  if (is_service_instance(*as_sent) && first.size() > ace_prefix.size() &&
      equal_ignoring_case(first.substr(0, ace_prefix.size()), ace_prefix)) {
    if (auto decoded = punycode_to_utf8(first.substr(ace_prefix.size()))) {
      labels.front() = *std::move(decoded);
      if (const std::optional<name> in_utf8 = name_of(labels)) out.push_back(*in_utf8);
    }
  }
  out.push_back(*as_sent);
  return out;
}

}  // namespace sdconnect::helper
