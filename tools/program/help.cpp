#include "program/help.hpp"

#include "program/wrap.hpp"

#include <fmt/format.h>

namespace sdconnect::cli {
namespace {

// Two blanks before the left column and between the columns.
constexpr std::size_t left_width = 24;
constexpr std::size_t right_width = page_width - left_width - 4;

/// Writes `right` beside `left`, or below it if that is too long.
std::string two_columns(std::string_view left, std::string_view right) {
  std::string text = fmt::format("  {:{}}", left, left_width);
  bool is_beside = left.size() <= left_width;
  for (const std::string_view line : wrapped(right, right_width)) {
    text += is_beside ? fmt::format("  {}", line) : fmt::format("\n{:{}}{}", "", left_width + 4, line);
    is_beside = false;
  }
  return text + '\n';
}

std::string line_of(const option_spec& spec) {
  std::string left = spec.letter != 0 ? fmt::format("-{}, ", spec.letter) : std::string(4, ' ');
  left += fmt::format("--{}", spec.name);
  if (!spec.value.empty()) left += fmt::format(" {}", spec.value);
  if (!spec.optional_value.empty()) left += fmt::format("[={}]", spec.optional_value);
  std::string right(spec.help);
  if (!spec.choices.empty()) right += fmt::format(": {}", spec.choices);
  return two_columns(left, right);
}

std::string options_text(const description& program, std::string_view command, bool common) {
  std::string text;
  for (const option_spec& spec : program.options) {
    if (spec.commands.empty() == common && applies_to(spec, command)) text += line_of(spec);
  }
  return text;
}

std::string paragraph(std::string_view text) {
  std::string all;
  for (const std::string_view line : wrapped(text, page_width)) all += fmt::format("{}\n", line);
  return all;
}

std::string examples_text(std::string_view examples) {
  std::string text = "\nExample:\n";
  while (!examples.empty()) {
    const std::size_t end = examples.find('\n') + 1;
    text += fmt::format("  {}", examples.substr(0, end));
    examples.remove_prefix(end);
  }
  return text;
}

std::string command_help(const description& program, const command& c) {
  std::string text =
      paragraph(fmt::format("Usage: {} {} [OPTION...]{}{}", program.name, c.name, c.words.empty() ? "" : " ", c.words));
  text += '\n' + paragraph(c.summary);
  if (!c.examples.empty()) text += examples_text(c.examples);
  if (const std::string own = options_text(program, c.name, false); !own.empty()) text += "\nOptions:\n" + own;
  return text + "\nCommon options:\n" + options_text(program, c.name, true);
}

}  // namespace

std::string help_text(const description& program, std::string_view command_name) {
  if (const command* one = find_command(program, command_name)) return command_help(program, *one);
  std::string text = fmt::format("{}\nCommands:\n", program.synopsis);
  for (const command* c : listed_commands(program)) {
    text += two_columns(fmt::format("{}{}{}", c->name, c->words.empty() ? "" : " ", c->words), c->summary);
  }
  if (!program.examples.empty()) text += examples_text(program.examples);
  text += fmt::format("\nOptions of all commands, before or after the command:\n{}", options_text(program, {}, true));
  text += fmt::format("\n{} COMMAND --help lists the options of one command.\n", program.name);
  return text + fmt::format("\n{}", program.closing);
}

std::string version_text(const description& program) { return fmt::format("{} {}\n", program.name, program.version); }

}  // namespace sdconnect::cli
