#include "text/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace sdconnect::cli {
namespace {

struct width_range {
  char32_t first, last;
  std::size_t width;
};

// The relevant blocks of Unicode's EastAsianWidth.txt (W and F), and the combining marks of
// instance names.
constexpr std::array<width_range, 12> unusual_widths{{
    {0x0300, 0x036f, 0},
    {0x1100, 0x115f, 2},
    {0x20d0, 0x20ff, 0},
    {0x2e80, 0x303e, 2},
    {0x3041, 0xa4cf, 2},
    {0xac00, 0xd7a3, 2},
    {0xf900, 0xfaff, 2},
    {0xfe00, 0xfe0f, 0},
    {0xfe30, 0xfe6f, 2},
    {0xff00, 0xff60, 2},
    {0x1f300, 0x1faff, 2},
    {0x20000, 0x3fffd, 2},
}};

std::size_t width_of(char32_t c) noexcept {
  if (c < unusual_widths.front().first) return 1;
  for (const width_range& range : unusual_widths) {
    if (c >= range.first && c <= range.last) return range.width;
  }
  return 1;
}

std::string_view color_of(table::emphasis shown) noexcept {
  switch (shown) {
    case table::emphasis::none: return {};
    case table::emphasis::good: return "\x1b[32m";
    case table::emphasis::bad: return "\x1b[31m";
    case table::emphasis::faint: return "\x1b[2m";
  }
  return {};
}

std::string quoted_field(std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(field);
  std::string quoted = "\"";
  for (const char c : field) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

template <class Cells, class Text>
std::string csv_record(const Cells& cells, Text text_of) {
  std::string record;
  for (const auto& cell : cells) {
    if (&cell != &cells.front()) record += ',';
    record += quoted_field(text_of(cell));
  }
  return record + "\r\n";
}

}  // namespace

void table::add(std::vector<std::string> cells, emphasis shown) { rows_.push_back({std::move(cells), shown}); }

std::string table::aligned(bool colored) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].title);
    for (const row& r : rows_) width = std::max(width, display_width(r.cells[i]));
    widths.push_back(width);
  }

  const auto line_of = [&](const auto& text_of) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string_view text = text_of(i);
      const std::string padding(widths[i] - display_width(text), ' ');
      if (i > 0) line += "  ";
      if (columns_[i].right_aligned) line += padding;
      line += text;
      if (!columns_[i].right_aligned) line += padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };
  const auto painted = [colored](std::string_view color, const std::string& line) {
    return colored && !color.empty() ? fmt::format("{}{}\x1b[0m\n", color, line) : line + '\n';
  };

  std::string all = painted("\x1b[1m", line_of([&](std::size_t i) { return columns_[i].title; }));
  for (const row& r : rows_)
    all += painted(color_of(r.shown), line_of([&](std::size_t i) { return std::string_view(r.cells[i]); }));
  return all;
}

std::string table::csv() const {
  std::string all = csv_record(columns_, [](const column& c) { return c.field; });
  for (const row& r : rows_) all += csv_record(r.cells, [](const std::string& cell) { return std::string_view(cell); });
  return all;
}

std::size_t display_width(std::string_view text) noexcept {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t c = length == 1 ? lead : lead & (0x7fu >> length);
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      c = c << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3fu);
    width += width_of(c);
    i += length;
  }
  return width;
}

std::string percentage(double share) { return fmt::format("{:.2f} %", share * 100); }

std::string fraction(double share) { return fmt::format("{}", std::round(share * 1e4) / 1e4); }

}  // namespace sdconnect::cli
