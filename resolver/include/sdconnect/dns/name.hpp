/// \file
/// Domain names (RFC 1035 §3.1): a fixed-size value that holds the wire form and ignores ASCII case
/// in comparisons (RFC 4343).
#pragma once

#include "sdconnect/net/error.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace sdconnect {

/// An absolute domain name. Labels may contain any octets; the received case is kept for display. A
/// plain value of 256 octets without heap memory; a copy touches about as many octets as the name
/// has. Const access is thread safe.
class name {
 public:
  static constexpr std::size_t max_wire_size = 255;
  static constexpr std::size_t max_label_size = 63;

  /// Iterates over the labels from the left, as raw octets, without the root.
  class label_iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;

    label_iterator() = default;
    explicit label_iterator(const std::uint8_t* at) noexcept : at_(at) {}
    std::string_view operator*() const noexcept { return {reinterpret_cast<const char*>(at_ + 1), *at_}; }
    label_iterator& operator++() noexcept {
      at_ += *at_ + 1;
      return *this;
    }
    label_iterator operator++(int) noexcept {
      label_iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const label_iterator&, const label_iterator&) = default;

   private:
    const std::uint8_t* at_ = nullptr;
  };

  struct label_range {
    label_iterator first, last;
    [[nodiscard]] label_iterator begin() const noexcept { return first; }
    [[nodiscard]] label_iterator end() const noexcept { return last; }
  };

  /// The root name, ".".
  name() noexcept { octets_[0] = 0; }
  name(const name& other) noexcept { assign(other); }
  name& operator=(const name& other) noexcept {
    assign(other);
    return *this;
  }
  ~name() = default;

  /// Reads master-file text (RFC 1035 §5.1) with `\X` and `\DDD` escapes. The name is always
  /// absolute; the final dot is optional. Errors: empty_name, empty_label, label_too_long,
  /// name_too_long, bad_escape.
  [[nodiscard]] static result<name> from_text(std::string_view text);

  /// Reads exactly one uncompressed wire name. Errors: malformed_message, name_too_long.
  [[nodiscard]] static result<name> from_wire(std::span<const std::uint8_t> wire);

  /// Returns text with the final dot. A dot in a label becomes `\.`, a backslash `\\`; a space and
  /// every octet that is not printable UTF-8 becomes `\DDD`. from_text(to_text()) returns the same
  /// octets (RFC 6763 §4.3).
  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] bool is_root() const noexcept { return size_ == 1; }
  [[nodiscard]] std::size_t label_count() const noexcept;  ///< without the root
  [[nodiscard]] label_range labels() const noexcept {
    return {label_iterator(octets_.data()), label_iterator(octets_.data() + size_ - 1)};
  }
  /// Returns the leftmost label as raw octets; empty for the root.
  [[nodiscard]] std::string_view first_label() const noexcept { return *label_iterator(octets_.data()); }
  /// Returns the name without its leftmost label. The root is its own parent.
  [[nodiscard]] name parent() const noexcept;
  /// Returns this name with `label` (raw octets) prepended. Errors: empty_label, label_too_long,
  /// name_too_long.
  [[nodiscard]] result<name> child(std::string_view label) const;
  /// Returns this name with its suffix `from` replaced by `to` (DNAME, RFC 6672 §2.2). Errors:
  /// name_too_long; malformed_message if this name is not below `from`.
  [[nodiscard]] result<name> rebased(const name& from, const name& to) const;
  /// True for `ancestor` itself and every name below it.
  [[nodiscard]] bool is_at_or_below(const name& ancestor) const noexcept;

  [[nodiscard]] std::span<const std::uint8_t> wire() const noexcept { return {octets_.data(), size_}; }
  [[nodiscard]] std::size_t hash() const noexcept;

  friend bool operator==(const name& a, const name& b) noexcept {
    if (a.size_ != b.size_) return false;
    // Nearly all equal names also have equal case.
    return std::memcmp(a.octets_.data(), b.octets_.data(), a.size_) == 0 || a.is_same_ignoring_case(b);
  }
  /// Orders by text, ignoring ASCII case.
  friend std::weak_ordering operator<=>(const name& a, const name& b) noexcept;

 private:
  friend class message_reader;
  bool append_label(std::span<const std::uint8_t> label) noexcept;
  [[nodiscard]] bool is_same_ignoring_case(const name& same_size) const noexcept;

  // Copies blocks of a fixed size, which compile to a few plain moves. Most names fit into the
  // first or the second size.
  void assign(const name& other) noexcept {
    constexpr std::size_t short_block = 32, long_block = 64;
    size_ = other.size_;
    if (size_ <= short_block) {
      std::memcpy(octets_.data(), other.octets_.data(), short_block);
    } else if (size_ <= long_block) {
      std::memcpy(octets_.data(), other.octets_.data(), long_block);
    } else {
      std::memcpy(octets_.data(), other.octets_.data(), max_wire_size);
    }
  }

  std::uint8_t size_ = 1;
  std::array<std::uint8_t, max_wire_size> octets_;  // only the first size_ octets have a meaning
};

/// Returns one label in display form: escaped like detail::escaped, so spaces and dots stay
/// readable.
[[nodiscard]] std::string label_to_text(std::string_view label);
/// Inverse of label_to_text, for user input: `\X` and `\DDD` are escapes, a dot is a dot. Errors as
/// for name::from_text.
[[nodiscard]] result<std::string> label_from_text(std::string_view text);

/// Ignores only ASCII case, as DNS does (RFC 4343).
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

}  // namespace sdconnect

template <>
struct std::hash<sdconnect::name> {
  std::size_t operator()(const sdconnect::name& n) const noexcept { return n.hash(); }
};
