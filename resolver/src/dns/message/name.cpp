#include "sdconnect/dns/name.hpp"

#include "net/base/ascii.hpp"
#include "net/base/entropy.hpp"
#include "net/base/printable.hpp"

#include <algorithm>
#include <cstring>

namespace sdconnect {

using namespace detail;
namespace {

constexpr std::uint8_t lower(std::uint8_t octet) noexcept {
  return octet >= 'A' && octet <= 'Z' ? static_cast<std::uint8_t>(octet + ('a' - 'A')) : octet;
}

std::uint64_t load(const std::uint8_t* at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// lower() for eight octets at once: a carry into the top bit of an octet shows whether it is at
// least 'A', and whether it is greater than 'Z'.
constexpr std::uint64_t lower(std::uint64_t octets) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101, top = each * 0x80;
  const std::uint64_t seven_bits = octets & ~top;
  const std::uint64_t from_a = seven_bits + each * (0x80 - 'A');
  const std::uint64_t beyond_z = seven_bits + each * (0x7f - 'Z');
  const std::uint64_t capitals = (from_a ^ beyond_z) & ~octets & top;
  return octets | capitals >> 2;  // 0x80 becomes 0x20, the difference between the cases
}

// XOR of the high and the low half of a product: every bit of both factors affects every bit of the
// result.
std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using wide = unsigned __int128;
  const wide product = static_cast<wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

bool equal_folded(const std::uint8_t* a, const std::uint8_t* b, std::size_t size) noexcept {
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    if (lower(load(a + at)) != lower(load(b + at))) return false;
  }
  for (; at < size; ++at) {
    if (lower(a[at]) != lower(b[at])) return false;
  }
  return true;
}

std::span<const std::uint8_t> octets_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Removes one octet, escaped or plain, from the front of `text` (RFC 1035 §5.1).
result<std::uint8_t> take_octet(std::string_view& text) noexcept {
  const auto take = [&text] {
    const char c = text.front();
    text.remove_prefix(1);
    return c;
  };
  const char first = take();
  if (first != '\\') return static_cast<std::uint8_t>(first);
  if (text.empty()) return errc::bad_escape;
  if (!detail::is_digit(text.front())) return static_cast<std::uint8_t>(take());
  if (text.size() < 3 || !detail::is_digit(text[1]) || !detail::is_digit(text[2])) return errc::bad_escape;
  const int value = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  if (value > 255) return errc::bad_escape;
  text.remove_prefix(3);
  return static_cast<std::uint8_t>(value);
}

}  // namespace

bool name::append_label(std::span<const std::uint8_t> label) noexcept {
  if (size_ + label.size() + 1 > max_wire_size) return false;
  std::uint8_t* at = octets_.data() + size_ - 1;  // overwrites the root's zero octet
  *at++ = static_cast<std::uint8_t>(label.size());
  std::memcpy(at, label.data(), label.size());
  at[label.size()] = 0;
  size_ = static_cast<std::uint8_t>(size_ + label.size() + 1);
  return true;
}

result<name> name::from_text(std::string_view text) {
  if (text.empty()) return errc::empty_name;
  name out;
  if (text == ".") return out;
  while (!text.empty()) {
    std::array<std::uint8_t, max_label_size> label;
    std::size_t size = 0;
    while (!text.empty() && text.front() != '.') {
      const result<std::uint8_t> octet = take_octet(text);
      if (!octet) return octet.error();
      if (size == label.size()) return errc::label_too_long;
      label[size++] = *octet;
    }
    if (size == 0) return errc::empty_label;
    if (!out.append_label({label.data(), size})) return errc::name_too_long;
    if (!text.empty()) text.remove_prefix(1);  // the dot after the label
  }
  return out;
}

result<name> name::from_wire(std::span<const std::uint8_t> wire) {
  name out;
  std::size_t at = 0;
  while (true) {
    if (at >= wire.size()) return errc::malformed_message;
    const std::size_t length = wire[at];
    if (length > max_label_size) return errc::malformed_message;
    if (length == 0) break;
    if (at + 1 + length > wire.size()) return errc::malformed_message;
    if (!out.append_label(wire.subspan(at + 1, length))) return errc::name_too_long;
    at += 1 + length;
  }
  if (at + 1 != wire.size()) return errc::malformed_message;
  return out;
}

std::string name::to_text() const {
  if (is_root()) return ".";
  std::string out;
  out.reserve(size_);
  for (const std::string_view label : labels()) {
    for (const char c : escaped(label)) {
      if (c == '.') {
        out += "\\.";
      } else if (c == ' ') {
        out += "\\032";
      } else {
        out += c;
      }
    }
    out += '.';
  }
  return out;
}

std::size_t name::label_count() const noexcept {
  const label_range all = labels();
  return static_cast<std::size_t>(std::distance(all.begin(), all.end()));
}

name name::parent() const noexcept {
  name out;
  if (is_root()) return out;
  const std::size_t skipped = octets_[0] + std::size_t{1};
  out.size_ = static_cast<std::uint8_t>(size_ - skipped);
  std::memcpy(out.octets_.data(), octets_.data() + skipped, out.size_);
  return out;
}

result<name> name::child(std::string_view label) const {
  if (label.empty()) return errc::empty_label;
  if (label.size() > max_label_size) return errc::label_too_long;
  name out;
  if (!out.append_label(octets_of(label))) return errc::name_too_long;
  for (const std::string_view rest : labels()) {
    if (!out.append_label(octets_of(rest))) return errc::name_too_long;
  }
  return out;
}

result<name> name::rebased(const name& from, const name& to) const {
  if (!is_at_or_below(from)) return errc::malformed_message;
  name out;
  std::size_t kept = label_count() - from.label_count();
  for (const std::string_view label : labels()) {
    if (kept-- == 0) break;
    out.append_label(octets_of(label));
  }
  for (const std::string_view label : to.labels()) {
    if (!out.append_label(octets_of(label))) return errc::name_too_long;
  }
  return out;
}

bool name::is_at_or_below(const name& ancestor) const noexcept {
  if (ancestor.size_ > size_) return false;
  // The suffix must begin at a label, not in the middle of one whose octets look like a length.
  const std::uint8_t* suffix = octets_.data() + size_ - ancestor.size_;
  const std::uint8_t* at = octets_.data();
  while (at < suffix) at += *at + 1;
  return at == suffix && equal_folded(suffix, ancestor.octets_.data(), ancestor.size_);
}

std::size_t name::hash() const noexcept {
  // Both the start and the factor are secret: with a public hash a peer could prepare names that
  // all fall into one bucket, and a table of the 3,000 names in one reply would cost a second. The
  // hash reads eight octets at a time, because one octet at a time was most of the cost of a cached
  // answer. It uses folded products, because with plain ones the same change in the next word
  // undoes a change in the top bits of one word, whatever the secret.
  struct secrets {
    std::uint64_t start = entropy64();
    std::uint64_t factor = entropy64() | 1;
  };
  static const secrets secret;
  const std::uint8_t* const octets = octets_.data();
  std::uint64_t h = secret.start ^ size_;
  std::size_t at = 0;
  for (; at + 8 < size_; at += 8) h = folded_product(h ^ lower(load(octets + at)), secret.factor);
  std::uint64_t last = 0;
  if (size_ >= 8) {
    last = load(octets + size_ - 8);  // reads some octets a second time
  } else {
    for (std::size_t i = 0; i < size_; ++i) last = last << 8 | octets[i];
  }
  return folded_product(h ^ lower(last), secret.factor);
}

// Length octets are at most 63, below 'A', so folding the whole wire form changes only the labels.
bool name::is_same_ignoring_case(const name& same_size) const noexcept {
  return equal_folded(octets_.data(), same_size.octets_.data(), size_);
}

std::weak_ordering operator<=>(const name& a, const name& b) noexcept {
  // Length octets are at the positions of the dots in the text.
  const auto at_text = [](const std::uint8_t*& next_label, const std::uint8_t* at) {
    if (at != next_label) return lower(*at);
    next_label += *at + 1;
    return static_cast<std::uint8_t>('.');
  };
  const std::uint8_t* label_a = a.octets_.data();
  const std::uint8_t* label_b = b.octets_.data();
  const std::size_t common = std::min(a.size_, b.size_);
  for (std::size_t i = 0; i < common; ++i) {
    const std::uint8_t x = at_text(label_a, a.octets_.data() + i);
    const std::uint8_t y = at_text(label_b, b.octets_.data() + i);
    if (x != y) return x <=> y;
  }
  if (a.size_ != b.size_) return a.size_ <=> b.size_;
  // The texts are equal except for dots inside labels: the label lengths decide.
  return std::lexicographical_compare_three_way(a.octets_.data(), a.octets_.data() + a.size_, b.octets_.data(),
                                                b.octets_.data() + b.size_,
                                                [](std::uint8_t x, std::uint8_t y) { return lower(x) <=> lower(y); });
}

std::string label_to_text(std::string_view label) { return escaped(label); }

result<std::string> label_from_text(std::string_view text) {
  if (text.empty()) return errc::empty_label;
  std::string out;
  while (!text.empty()) {
    const result<std::uint8_t> octet = take_octet(text);
    if (!octet) return octet.error();
    if (out.size() == name::max_label_size) return errc::label_too_long;
    out += static_cast<char>(*octet);
  }
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(
      a, b, [](char x, char y) { return lower(static_cast<std::uint8_t>(x)) == lower(static_cast<std::uint8_t>(y)); });
}

}  // namespace sdconnect
