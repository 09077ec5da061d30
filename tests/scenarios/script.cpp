#include "scenarios/script.hpp"

#include <algorithm>
#include <charconv>

namespace sdconnect::scenario {
namespace {

struct raw_line {
  std::size_t indent = 0;
  script_line line;
};

// Splits at blanks outside quotes; `=` in the unquoted part of a word makes it an option.
void split(script_line& line) {
  const std::string& text = line.text;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    std::string word;
    std::size_t equals = std::string::npos;
    bool quoted = false;
    for (; at < text.size() && (quoted || text[at] != ' '); ++at) {
      if (text[at] == '"') {
        quoted = !quoted;
      } else {
        if (text[at] == '=' && !quoted && equals == std::string::npos) equals = word.size();
        word += text[at];
      }
    }
    if (quoted) throw script_error(line.number, "a quote without its end");
    if (equals == std::string::npos || equals == 0) {
      line.words.push_back(std::move(word));
    } else {
      line.options.push_back({word.substr(0, equals), word.substr(equals + 1)});
    }
  }
}

std::string without_comment(std::string_view text) {
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (text[at] == '#' && !quoted && (at == 0 || text[at - 1] == ' ')) {
      text = text.substr(0, at);
      break;
    }
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return std::string(text);
}

std::vector<script_line> nest(std::vector<raw_line>& lines, std::size_t& at, std::size_t indent) {
  std::vector<script_line> out;
  while (at < lines.size() && lines[at].indent >= indent) {
    if (lines[at].indent > indent && !out.empty()) {
      out.back().below = nest(lines, at, lines[at].indent);
    } else {
      out.push_back(std::move(lines[at++].line));
    }
  }
  return out;
}

}  // namespace

const std::string& script_line::word(std::size_t at) const {
  if (at >= words.size()) throw script_error(number, "a word is missing: " + text);
  return words[at];
}

bool script_line::has_word(std::string_view word) const {
  return std::find(words.begin() + (words.empty() ? 0 : 1), words.end(), word) != words.end();
}

std::optional<std::string> script_line::find(std::string_view key) const {
  const auto found = std::ranges::find(options, key, &option::key);
  return found == options.end() ? std::nullopt : std::optional(found->value);
}

std::chrono::nanoseconds script_line::duration(std::string_view key, std::chrono::nanoseconds fallback) const {
  const auto text_form = find(key);
  if (!text_form) return fallback;
  const auto value = duration_from(*text_form);
  if (!value) throw script_error(number, "no duration: " + *text_form);
  return *value;
}

std::int64_t script_line::number_of(std::string_view key, std::int64_t fallback) const {
  const auto text_form = find(key);
  if (!text_form) return fallback;
  std::int64_t value = 0;
  const char* const begin = text_form->data() + (text_form->starts_with('+') ? 1 : 0);
  const char* const end = text_form->data() + text_form->size();
  if (std::from_chars(begin, end, value).ptr != end) throw script_error(number, "no number: " + *text_form);
  return value;
}

void script_line::only(std::initializer_list<std::string_view> keys) const {
  for (const option& o : options) {
    if (std::ranges::find(keys, o.key) == keys.end()) throw script_error(number, "unknown option: " + o.key);
  }
}

void script_line::only_words(std::size_t first, std::initializer_list<std::string_view> allowed) const {
  for (std::size_t i = first; i < words.size(); ++i) {
    if (std::ranges::find(allowed, words[i]) == allowed.end()) fail("unknown word: " + words[i]);
  }
}

void script_line::fail(const std::string& what) const { throw script_error(number, what); }

std::optional<std::chrono::nanoseconds> duration_from(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc()) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  double seconds = 0;
  if (unit == "us") seconds = 1e-6;
  if (unit == "ms") seconds = 1e-3;
  if (unit == "s") seconds = 1;
  if (unit == "m") seconds = 60;
  if (unit == "h") seconds = 3600;
  if (unit == "d") seconds = 86400;
  if (seconds == 0) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(value * seconds * 1e9 + 0.5));
}

std::vector<script_line> read_script(std::string_view text) {
  std::vector<raw_line> lines;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = without_comment(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    if (indent == line.size()) continue;
    if (line.find('\t') != line.npos) throw script_error(number, "a tab");
    raw_line& made = lines.emplace_back();
    made.indent = indent;
    made.line.number = number;
    made.line.text = line.substr(indent);
    split(made.line);
  }
  std::size_t at = 0;
  return nest(lines, at, 0);
}

}  // namespace sdconnect::scenario
