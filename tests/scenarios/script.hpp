/// \file
/// The text of a scenario: lines of words. Indented lines belong to the line above.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::scenario {

/// An error in the text of a scenario, with its line.
class script_error : public std::runtime_error {
 public:
  script_error(int line, const std::string& what) : runtime_error("line " + std::to_string(line) + ": " + what) {}
};

/// One line: words, of which those of the form KEY=VALUE are options, and the more indented lines
/// that follow it.
struct script_line {
  int number = 0;
  std::vector<std::string> words;  ///< without the options
  struct option {
    std::string key, value;
  };
  std::vector<option> options;
  std::string text;  ///< as written, without the indentation and with quotes: for zone data
  std::vector<script_line> below;

  [[nodiscard]] const std::string& word(std::size_t at) const;  ///< throws script_error
  [[nodiscard]] bool has_word(std::string_view word) const;     ///< searches behind the first word
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const;
  [[nodiscard]] std::chrono::nanoseconds duration(std::string_view key, std::chrono::nanoseconds fallback) const;
  [[nodiscard]] std::int64_t number_of(std::string_view key, std::int64_t fallback) const;
  /// Throws for an option or flag that is not in the list: a typing error must not go unnoticed.
  void only(std::initializer_list<std::string_view> keys) const;
  /// The same for the words from `first` on.
  void only_words(std::size_t first, std::initializer_list<std::string_view> allowed) const;
  [[noreturn]] void fail(const std::string& what) const;
};

/// "250ms", "5s", "2m", "1h", "3d"; nullopt for anything else.
[[nodiscard]] std::optional<std::chrono::nanoseconds> duration_from(std::string_view text);

/// Comments begin with `#` at the start of a line or after a blank; "double quotes" keep blanks in
/// a word.
[[nodiscard]] std::vector<script_line> read_script(std::string_view text);

}  // namespace sdconnect::scenario
