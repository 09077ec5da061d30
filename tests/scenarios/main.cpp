// Plays scenarios: scenario_runner [-v] FILE...
#include "scenarios/scenario.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using sdconnect::scenario::scenario;

bool play(const std::string& file, bool is_verbose) {
  const auto complain = [&file](const std::string& what) { fmt::print("{}: {}\n", file, what); };
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<scenario::failure> failures;
  std::optional<scenario> played;
  std::string error;
  try {
    if (!in) throw std::runtime_error("cannot be read");
    played.emplace(text);
    played->play();
    failures = played->failures();
  } catch (const std::exception& e) {
    error = e.what();
  }
  const bool is_good = failures.empty() && error.empty();
  if (played && (is_verbose || !is_good)) {
    for (const std::string& line : played->conversation()) fmt::print("{}\n", line);
  }
  if (!error.empty()) complain(error);
  for (const scenario::failure& f : failures) {
    fmt::print("{}:{}: expected: {}\n  seen: {}\n", file, f.line, f.expected, f.seen);
  }
  if (is_verbose && is_good) complain("good");
  return is_good;
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::string> files(arguments + 1, arguments + count);
  const bool is_verbose = std::erase(files, "-v") > 0;
  int bad = files.empty() ? 1 : 0;
  for (const std::string& file : files) bad += play(file, is_verbose) ? 0 : 1;
  if (files.size() > 1) fmt::print("{} of {} failed\n", bad, files.size());
  return bad == 0 ? 0 : 1;
}
