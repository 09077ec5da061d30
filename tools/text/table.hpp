/// \file
/// Formats rows of text as an aligned table for people or as CSV (RFC 4180) for programs.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

struct column {
  std::string_view title;      ///< for people: "TTL"
  std::string_view field;      ///< for programs, with the unit: "ttl_s"
  bool right_aligned = false;  ///< for numbers
};

class table {
 public:
  enum class emphasis { none, good, bad, faint };

  explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}

  /// REQUIRES: as many cells as columns, each printable (sdconnect::escaped).
  void add(std::vector<std::string> cells, emphasis shown = emphasis::none);

  /// A header and a line for each row; two spaces between columns, no trailing spaces. If the lines
  /// are longer than `limit` columns, breaks the longest cells into several lines, at blanks and
  /// behind punctuation if possible. If that is not enough, a line "TITLE  value" for each cell, and
  /// an empty line between rows.
  [[nodiscard]] std::string aligned(bool colored, std::size_t limit = std::numeric_limits<std::size_t>::max()) const;
  /// Number of columns of the longest line that is not broken.
  [[nodiscard]] std::size_t width() const;
  /// A header record and a record for each row, each ended by CR LF.
  [[nodiscard]] std::string csv() const;

 private:
  struct row {
    std::vector<std::string> cells;
    emphasis shown;
  };

  [[nodiscard]] std::vector<std::size_t> natural_widths() const;
  [[nodiscard]] std::vector<std::size_t> widths_within(std::size_t limit) const;
  [[nodiscard]] std::string records(bool colored) const;

  std::vector<column> columns_;
  std::vector<row> rows_;
};

/// Number of terminal cells that `text` (valid UTF-8) takes: two for East Asian wide characters,
/// none for combining marks.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;

/// "30.00 %".
[[nodiscard]] std::string percentage(double share);
/// Four decimals, as in JSON, without trailing zeros: "0.7439".
[[nodiscard]] std::string fraction(double share);

}  // namespace sdconnect::cli
