/// \file
/// Line charts as SVG text: no display, no library.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sdconnect::bench {

struct chart {
  struct line {
    std::string label;
    std::vector<std::pair<double, double>> points;  ///< by ascending x
  };
  struct mark {
    double x = 0;
    std::string label;
  };

  std::string title, x_label, y_label;
  std::vector<line> lines;  ///< at most eight get a colour of their own
  std::vector<mark> marks;  ///< vertical lines: when something was changed
  double least_top = 0;     ///< the y axis reaches at least so far; it begins at 0
};

/// Many points are thinned to the highest and the lowest of each pixel column, so that no peak is
/// lost.
[[nodiscard]] std::string to_svg(const chart& drawn);

}  // namespace sdconnect::bench
