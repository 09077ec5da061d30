/// \file
/// Passes on a message body with chunks (RFC 9112 §7.1), without what a backend could mistake.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sdconnect::helper {

/// Strict, so that no two readers find different ends: only CR LF ends a line, and nothing but an
/// extension is between the size of a chunk and the end of its line. Extensions are dropped, and so
/// are trailer fields: some programs take them for fields of the head.
class chunk_filter {
 public:
  /// Takes octets in any split; returns what goes on. Ignores octets behind the end of the body, and
  /// behind a fault.
  [[nodiscard]] std::string put(std::string_view octets);
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

  void take(char c, std::string& out);
  void take_size(char c, std::string& out);
  void take_in_line(char c, part at_cr);
  void take_lf(char c, part then);

  static constexpr unsigned max_digits = 15;              // so that the size fits into 64 bits
  static constexpr std::size_t max_line_octets = 16'384;  // of an extension, and of all trailer fields

  part next_ = part::size;
  bool line_is_empty_ = true;
  unsigned digits_ = 0;
  std::size_t line_octets_ = 0;
  std::uint64_t left_ = 0;
};

}  // namespace sdconnect::helper
