/// \file
/// Line charts as SVG text; needs no display and no library.
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
  std::vector<line> lines;  ///< the first eight have different colours
  std::vector<mark> marks;  ///< vertical lines that mark changes
  double least_top = 0;     ///< the y axis begins at 0 and ends at this value or above
};

/// Reduces many points to the highest and the lowest of each pixel column, so that every peak stays
/// visible.
[[nodiscard]] std::string to_svg(const chart& drawn);

}  // namespace sdconnect::bench
