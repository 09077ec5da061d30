// Plays scenarios: scenario_runner [-v | --must-fail] FILE...
#include "scenarios/scenario.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using sdconnect::scenario::scenario;

struct outcome {
  bool is_good = false;
  std::string conversation;
  std::string complaints;  // one or more lines for each, with the name of the file
};

std::string contents(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

outcome play(const std::string& file) {
  // For logs: if a sanitizer or a time limit ends the process, the last line names the scenario.
  if (isatty(STDERR_FILENO) == 0) fmt::print(stderr, "{}\n", file);
  outcome result;
  std::optional<scenario> played;
  try {
    played.emplace(contents(file));
    played->play();
    for (const scenario::failure& f : played->failures()) {
      result.complaints += fmt::format("{}:{}: expected: {}\n  seen: {}\n", file, f.line, f.expected, f.seen);
    }
  } catch (const std::exception& e) {
    result.complaints += fmt::format("{}: {}\n", file, e.what());
  }
  if (played) {
    for (const std::string& line : played->conversation()) result.conversation += line + '\n';
  }
  result.is_good = result.complaints.empty();
  return result;
}

bool is_passed(const std::string& file, bool is_verbose) {
  const outcome seen = play(file);
  if (is_verbose || !seen.is_good) fmt::print("{}", seen.conversation);
  if (is_verbose && seen.is_good) fmt::print("{}: good\n", file);
  fmt::print("{}", seen.complaints);
  return seen.is_good;
}

/// The first line of the file, a comment, is a regular expression that the complaints of the runner
/// must match.
bool fails_as_said(const std::string& file) {
  std::string said = contents(file);
  said = said.substr(2, said.find('\n') - 2);
  std::string complaints = play(file).complaints;
  std::replace(complaints.begin(), complaints.end(), '\n', ' ');
  if (std::regex_search(complaints, std::regex(said))) return true;
  fmt::print("{}: the complaint was to be: {}\n  it was: {}\n", file, said, complaints);
  return false;
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::string> files(arguments + 1, arguments + count);
  const bool is_verbose = std::erase(files, "-v") > 0;
  const bool must_fail = std::erase(files, "--must-fail") > 0;
  std::size_t bad = files.empty() ? 1 : 0;
  for (const std::string& file : files) bad += (must_fail ? fails_as_said(file) : is_passed(file, is_verbose)) ? 0 : 1;
  if (files.size() > 1) fmt::print("{} of {} failed\n", bad, files.size());
  return bad == 0 ? 0 : 1;
}
