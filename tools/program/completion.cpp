#include "program/completion.hpp"

#include "program/completion_parts.hpp"
#include "program/output.hpp"
#include "program/parse.hpp"
#include "program/report.hpp"
#include "program/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sdconnect::cli {
namespace {

constexpr std::string_view shells = "bash|zsh|fish";

void append(std::string& list, char separator, std::string_view word) {
  if (!list.empty()) list += separator;
  list += word;
}

}  // namespace

std::string identifier(const description& program) {
  std::string text(program.name);
  std::ranges::replace(text, '-', '_');
  return text;
}

std::string spaced(std::string_view choices) {
  std::string words(choices);
  std::ranges::replace(words, '|', ' ');
  return words;
}

std::string single_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + '\'';
}

bool takes_file(const option_spec& spec) noexcept { return spec.value == "FILE"; }

bool takes_command(const command& c) noexcept { return c.words.find("-- COMMAND") != std::string_view::npos; }

std::string first_arguments(const description& program, const command& c) {
  if (c.words == "[COMMAND]") return command_names(program, ' ');
  return c.words.find('|') == std::string_view::npos ? std::string() : spaced(c.words);
}

std::string command_names(const description& program, char separator) {
  std::string names;
  for (const command* c : listed_commands(program)) append(names, separator, c->name);
  return names;
}

std::string running_commands(const description& program, char separator) {
  std::string names;
  for (const command* c : listed_commands(program)) {
    if (takes_command(*c)) append(names, separator, c->name);
  }
  return names;
}

std::string options_with_value(const description& program, char separator) {
  std::string spellings;
  for (const option_spec& spec : program.options) {
    if (spec.value.empty() || find_option(program.options, spec.name) != &spec) continue;
    append(spellings, separator, fmt::format("--{}", spec.name));
    if (spec.letter != 0) append(spellings, separator, fmt::format("-{}", spec.letter));
  }
  return spellings;
}

exit_code run_completion(const invocation& said) {
  std::vector<std::string> words = said.given.words;
  if (said.given.behind) words.insert(words.end(), said.given.behind->begin(), said.given.behind->end());
  if (words.empty()) throw fail(exit_code::usage, "no shell", "completion", "bash, zsh or fish");
  const parsed<std::size_t> shell = choice_from_text(words.front(), shells);
  if (!shell)
    throw fail(exit_code::usage, shell.error().what, "completion " + in_quotes(words.front()), shell.error().hint);
  if (words.size() > 1) throw fail(exit_code::usage, "unexpected argument", in_quotes(words[1]));
  constexpr std::string (*scripts[])(const description&) = {&bash_completion, &zsh_completion, &fish_completion};
  print(scripts[*shell](said.program));
  return exit_code::done;
}

}  // namespace sdconnect::cli
