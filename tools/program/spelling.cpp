#include "program/spelling.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace sdconnect::cli {
namespace {

// A word with more wrong letters is not recognised as a typing error; longer words may have more.
std::size_t most_errors(std::string_view word) noexcept { return word.size() < 4 ? 1 : word.size() < 8 ? 2 : 3; }

// Shorter beginnings fit too many words.
constexpr std::size_t shortest_beginning = 3;

// A longer word is no typing error. The limit also bounds the work, which grows with the square.
constexpr std::size_t longest_word = 40;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string did_you_mean(std::string_view prefix, std::string_view meant) {
  if (meant.empty()) return {};
  return "did you mean '" + std::string(prefix) + std::string(meant) + "'? ";
}

}  // namespace

// Optimal string alignment: rows of the usual table, of which a swap needs the last two.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool is_same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (is_same ? 0 : 1)});
      const bool is_swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (is_swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > longest_word) return {};
  std::string_view best;
  std::size_t fewest = most_errors(word) + 1;
  for (const std::string_view candidate : candidates) {
    const bool is_beginning = word.size() >= shortest_beginning && candidate.starts_with(word);
    const std::size_t errors = is_beginning ? 1 : edit_distance(word, candidate);
    // A word whose letters are all wrong is another word.
    if (errors >= fewest || errors >= std::max(word.size(), candidate.size())) continue;
    fewest = errors;
    best = candidate;
  }
  return best;
}

std::string_view nearest_command(const description& program, std::string_view word) {
  std::vector<std::string_view> names;
  for (const command& c : program.commands) names.push_back(c.name);
  return nearest(word, names);
}

std::string hint_for_command(const description& program, std::string_view word) {
  return did_you_mean("", nearest_command(program, word)) + "see " + std::string(program.name) + " --help";
}

std::string hint_for_option(const description& program, std::string_view option, std::string_view command) {
  std::vector<std::string_view> names;
  for (const option_spec& spec : program.options) {
    if (applies_to(spec, command)) names.push_back(spec.name);
  }
  option.remove_prefix(std::min(option.find_first_not_of('-'), option.size()));
  const std::string_view meant = nearest(option.substr(0, option.find('=')), names);
  return did_you_mean("--", meant) + "see " + std::string(program.name) + ' ' + std::string(command) + " --help";
}

}  // namespace sdconnect::cli
