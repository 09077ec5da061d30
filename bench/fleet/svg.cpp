#include "bench/fleet/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace sdconnect::bench {
namespace {

constexpr double width = 760, height = 330;
constexpr double left = 62, right = 16, top = 34, bottom = 62;
constexpr double plot_width = width - left - right, plot_height = height - top - bottom;

// The palette of Okabe and Ito, which colour-blind readers can distinguish.
constexpr std::array<std::string_view, 8> colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                  "#e69f00", "#56b4e9", "#666666", "#000000"};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      default: out += c;
    }
  }
  return out;
}

// Returns 1, 2 or 5 times a power of ten, for about `count` steps.
double step_of(double range, double count) {
  const double rough = range / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

struct axes {
  double x_low = 0, x_high = 1, y_high = 1, y_step = 1;

  explicit axes(const chart& drawn) {
    x_low = HUGE_VAL;
    x_high = -HUGE_VAL;
    y_high = drawn.least_top;
    for (const chart::line& line : drawn.lines) {
      for (const auto& [x, y] : line.points) {
        x_low = std::min(x_low, x);
        x_high = std::max(x_high, x);
        y_high = std::max(y_high, y);
      }
    }
    if (x_low >= x_high) x_high = x_low + 1;
    if (y_high <= 0) y_high = 1;
    y_step = step_of(y_high, 5);
    y_high = std::ceil(y_high / y_step - 1e-9) * y_step;
  }

  [[nodiscard]] double column(double x) const { return left + (x - x_low) / (x_high - x_low) * plot_width; }
  [[nodiscard]] double row(double y) const { return top + (1 - y / y_high) * plot_height; }
};

void draw_grid(const chart& drawn, const axes& at, std::string& out) {
  const auto to = std::back_inserter(out);
  for (double y = 0; y <= at.y_high * (1 + 1e-9); y += at.y_step) {
    fmt::format_to(to, "<path class='g' d='M{:.0f} {:.1f}H{:.0f}'/>", left, at.row(y), width - right);
    fmt::format_to(to, "<text text-anchor='end' x='{:.0f}' y='{:.1f}'>{:g}</text>\n", left - 6, at.row(y) + 4,
                   std::round(y * 1e6) / 1e6);
  }
  const double step = step_of(at.x_high - at.x_low, 9);
  for (double x = std::ceil(at.x_low / step) * step; x <= at.x_high; x += step) {
    fmt::format_to(to, "<text text-anchor='middle' x='{:.1f}' y='{:.0f}'>{:g}</text>\n", at.column(x),
                   height - bottom + 16, x);
  }
  for (const chart::mark& mark : drawn.marks) {
    fmt::format_to(to, "<path class='m' d='M{:.1f} {:.0f}V{:.0f}'/>", at.column(mark.x), top, height - bottom);
    fmt::format_to(to, "<text x='{:.1f}' y='{:.0f}'>{}</text>\n", at.column(mark.x) + 4, top + 11, escaped(mark.label));
  }
}

// Keeps the first, the highest and the lowest point of each pixel column.
std::vector<std::pair<double, double>> thinned(const chart::line& line, const axes& at) {
  std::vector<std::pair<double, double>> out;
  for (auto from = line.points.begin(); from != line.points.end();) {
    const double column = std::floor(at.column(from->first));
    const auto until = std::find_if(from, line.points.end(),
                                    [&](const auto& point) { return std::floor(at.column(point.first)) > column; });
    const auto by_value = [](const auto& a, const auto& b) { return a.second < b.second; };
    const auto [lowest, highest] = std::minmax_element(from, until, by_value);
    const auto add = [&](const auto& point) {
      if (out.empty() || out.back() != *point) out.push_back(*point);
    };
    add(std::min(lowest, highest));
    add(std::max(lowest, highest));
    from = until;
  }
  return out;
}

}  // namespace

std::string to_svg(const chart& drawn) {
  const axes at(drawn);
  std::string out;
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {0:.0f} {1:.0f}' width='{0:.0f}'>\n", width,
                 height);
  out +=
      "<style>text{font:12px sans-serif;fill:#222}path{fill:none}.g{stroke:#ddd}"
      ".m{stroke:#888;stroke-dasharray:4 3}.l{stroke-width:1.6}</style>\n";
  fmt::format_to(to, "<rect width='{:.0f}' height='{:.0f}' fill='#fff'/>\n", width, height);
  fmt::format_to(to, "<text x='{:.0f}' y='20' style='font-weight:bold'>{}</text>\n", left, escaped(drawn.title));
  fmt::format_to(to, "<text text-anchor='middle' x='{:.0f}' y='{:.0f}'>{}</text>\n", left + plot_width / 2,
                 height - bottom + 34, escaped(drawn.x_label));
  fmt::format_to(to, "<text text-anchor='middle' transform='translate(14 {:.0f}) rotate(-90)'>{}</text>\n",
                 top + plot_height / 2, escaped(drawn.y_label));
  draw_grid(drawn, at, out);

  double label_at = left;
  for (std::size_t i = 0; i < drawn.lines.size(); ++i) {
    const chart::line& line = drawn.lines[i];
    const std::string_view colour = colours[i % colours.size()];
    fmt::format_to(to, "<path class='l' stroke='{}' d='", colour);
    char command = 'M';
    for (const auto& [x, y] : thinned(line, at)) {
      fmt::format_to(to, "{}{:.1f} {:.1f}", command, at.column(x), at.row(y));
      command = 'L';
    }
    out += "'/>\n";
    fmt::format_to(to, "<path class='l' stroke='{}' d='M{:.0f} {:.0f}h18'/>", colour, label_at, height - 14);
    fmt::format_to(to, "<text x='{:.0f}' y='{:.0f}'>{}</text>\n", label_at + 22, height - 10, escaped(line.label));
    constexpr double letter = 6.4;
    label_at += 40 + letter * static_cast<double>(line.label.size());
  }
  out += "</svg>\n";
  return out;
}

}  // namespace sdconnect::bench
