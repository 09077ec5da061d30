/// \file
/// Finds the end of a message body with chunks (RFC 9112 §7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sdconnect::helper {

/// Strict, so that no two readers find different ends: only CR LF ends a line, and nothing but an
/// extension is between the size of a chunk and the end of its line.
class chunk_scanner {
 public:
  /// Takes octets in any split; returns how many of them belong to the body.
  [[nodiscard]] std::size_t take(std::string_view octets);
  [[nodiscard]] bool is_done() const noexcept { return next_ == part::done; }
  [[nodiscard]] bool has_failed() const noexcept { return next_ == part::failed; }

 private:
  enum class part : std::uint8_t {
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer,  // at any place in a line of the trailer section
    trailer_lf,
    done,
    failed
  };

  void take_one(char c);
  void take_size(char c);

  static constexpr unsigned max_digits = 15;              // so that the size fits into 64 bits
  static constexpr std::size_t max_line_octets = 16'384;  // of an extension, and of all trailer fields

  part next_ = part::size;
  bool line_is_empty_ = true;
  unsigned digits_ = 0;
  std::size_t line_octets_ = 0;
  std::uint64_t left_ = 0;
};

}  // namespace sdconnect::helper
