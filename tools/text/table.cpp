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

constexpr std::string_view title_color = "\x1b[1m";
constexpr std::string_view gap = "  ";
// A name that is broken into shorter pieces cannot be read.
constexpr std::size_t narrowest = 12;
// A name fits. With wider padding, one long cell would make every line of a long table as long.
constexpr std::size_t most_padding = 256;

std::string painted(bool colored, std::string_view color, const std::string& line) {
  return colored && !color.empty() ? fmt::format("{}{}\x1b[0m\n", color, line) : line + '\n';
}

/// Returns the octets of the first character of `text`, which is valid UTF-8.
std::size_t character_length(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  return std::min<std::size_t>(lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4, text.size());
}

std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    longest = std::max(longest, display_width(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return longest;
}

/// Breaks a cell into pieces of at most `width` columns.
std::vector<std::string_view> broken(std::string_view text, std::size_t width) {
  std::vector<std::string_view> pieces;
  while (display_width(text) > width) {
    std::size_t end = 0;    // of what fits
    std::size_t after = 0;  // the last punctuation in it
    std::size_t blank = 0;
    for (std::size_t used = 0; end < text.size();) {
      const std::string_view character = text.substr(end, character_length(text.substr(end)));
      used += display_width(character);
      if (used > width) break;
      end += character.size();
      if (std::string_view(".,:;/-@").find(character) != std::string_view::npos) after = end;
      if (text.substr(end).starts_with(' ')) blank = end;
    }
    if (blank > 0)
      end = blank;
    else if (after > 0)
      end = after;
    end = std::max(end, character_length(text));  // a wide character in a column of one
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  pieces.push_back(text);
  return pieces;
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

std::vector<std::size_t> table::natural_widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(display_width(columns_[i].title));
    for (const row& r : rows_) widths.back() = std::max(widths.back(), display_width(r.cells[i]));
  }
  return widths;
}

std::size_t table::width() const {
  std::size_t sum = 0;
  for (const std::size_t column_width : natural_widths()) sum += (sum > 0 ? gap.size() : 0) + column_width;
  return sum;
}

// First shortens columns whose cells have blanks to break at, then the widest columns of text, never
// below `narrowest`; numbers stay whole. Empty if that is not enough.
std::vector<std::size_t> table::widths_within(std::size_t limit) const {
  std::vector<std::size_t> widths = natural_widths();
  std::size_t sum = width();
  const auto shorten = [&](const std::vector<std::size_t>& least) {
    while (sum > limit) {
      std::size_t* widest = nullptr;
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (!columns_[i].right_aligned && widths[i] > least[i] && (widest == nullptr || widths[i] > *widest))
          widest = &widths[i];
      }
      if (widest == nullptr) return;
      --*widest;
      --sum;
    }
  };
  std::vector<std::size_t> longest_words;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    longest_words.push_back(narrowest);
    for (const row& r : rows_) longest_words[i] = std::max(longest_words[i], longest_word(r.cells[i]));
  }
  shorten(longest_words);
  shorten(std::vector<std::size_t>(columns_.size(), narrowest));
  return sum > limit ? std::vector<std::size_t>() : widths;
}

std::string table::aligned(bool colored, std::size_t limit) const {
  const std::vector<std::size_t> widths = widths_within(limit);
  if (widths.empty()) return records(colored);

  const auto lines_of = [&](std::string_view color, const auto& text_of) {
    std::vector<std::vector<std::string_view>> parts;
    std::size_t height = 1;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      parts.push_back(broken(text_of(i), widths[i]));
      height = std::max(height, parts.back().size());
    }
    std::string lines;
    for (std::size_t k = 0; k < height; ++k) {
      std::string line;
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        const std::string_view text = k < parts[i].size() ? parts[i][k] : std::string_view();
        const std::size_t padded = std::min(widths[i], most_padding);
        const std::string padding(padded - std::min(padded, display_width(text)), ' ');
        if (i > 0) line += gap;
        if (columns_[i].right_aligned) line += padding;
        line += text;
        if (!columns_[i].right_aligned) line += padding;
      }
      line.erase(line.find_last_not_of(' ') + 1);
      lines += painted(colored, color, line);
    }
    return lines;
  };

  std::string all = lines_of(title_color, [&](std::size_t i) { return columns_[i].title; });
  for (const row& r : rows_)
    all += lines_of(color_of(r.shown), [&](std::size_t i) { return std::string_view(r.cells[i]); });
  return all;
}

std::string table::records(bool colored) const {
  std::size_t longest = 0;
  for (const column& c : columns_) longest = std::max(longest, display_width(c.title));
  std::string all;
  for (const row& r : rows_) {
    if (!all.empty()) all += '\n';
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string padding(longest - display_width(columns_[i].title), ' ');
      std::string line = fmt::format("{}{}{}{}", columns_[i].title, padding, gap, r.cells[i]);
      line.erase(line.find_last_not_of(' ') + 1);
      all += painted(colored, color_of(r.shown), line);
    }
  }
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
    const std::size_t length = character_length(text.substr(i));
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
