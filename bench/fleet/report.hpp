/// \file
/// The results of a simulation: a table, goals, charts.
#pragma once

#include "bench/fleet/meters.hpp"
#include "bench/fleet/svg.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::bench {

/// One line of the table: a part of a run.
struct fleet_row {
  std::string name;
  std::size_t clients = 0;
  std::optional<double> converged;  ///< seconds from a change until its effect is complete
  std::optional<double> overload;   ///< the highest load of an endpoint in a second, relative to its share
};

class fleet_report {
 public:
  /// Writes charts into `folder`; if empty, writes none. Throws std::filesystem::filesystem_error.
  explicit fleet_report(std::filesystem::path folder);

  void add(const fleet_row& row, const fleet_meters& meters, fleet_meters::window in);
  void goal(std::string_view name, double value, double most);
  /// Adds a figure without a goal to the list of goals.
  void note(std::string_view name, double value);
  /// Throws std::runtime_error if the file cannot be written.
  void plot(std::string_view file, const chart& drawn) const;
  void print_goals() const;

 private:
  std::filesystem::path folder_;
  struct figure {
    std::string name;
    double value = 0;
    std::optional<double> most;
  };
  std::vector<figure> figures_;
};

}  // namespace sdconnect::bench
