#include "program/help.hpp"

#include <fmt/format.h>

namespace sdconnect::cli {
namespace {

std::string line_of(const option_spec& spec) {
  std::string left = spec.letter != 0 ? fmt::format("-{}, ", spec.letter) : std::string(4, ' ');
  left += fmt::format("--{}", spec.name);
  if (!spec.value.empty()) left += fmt::format(" {}", spec.value);
  if (!spec.optional_value.empty()) left += fmt::format("[={}]", spec.optional_value);
  std::string right(spec.help);
  if (!spec.choices.empty()) right += fmt::format(": {}", spec.choices);
  // A long left column gets its own line.
  constexpr std::size_t width = 28;
  if (left.size() > width) return fmt::format("  {}\n  {:{}}  {}\n", left, "", width, right);
  return fmt::format("  {:{}}  {}\n", left, width, right);
}

std::string options_text(const description& program, std::string_view command, bool common) {
  std::string text;
  for (const option_spec& spec : program.options) {
    if (spec.commands.empty() == common && applies_to(spec, command)) text += line_of(spec);
  }
  return text;
}

std::string command_help(const description& program, const command& c) {
  std::string text = fmt::format("Usage: {} {}{}{} [OPTION...]\n\n{}\n", program.name, c.name,
                                 c.words.empty() ? "" : " ", c.words, c.summary);
  if (const std::string own = options_text(program, c.name, false); !own.empty()) text += "\nOptions:\n" + own;
  return text + "\nCommon options:\n" + options_text(program, c.name, true);
}

}  // namespace

std::string help_text(const description& program, std::string_view command_name) {
  if (const command* one = find_command(program, command_name)) return command_help(program, *one);
  std::string text = fmt::format("{}\nCommands:\n", program.synopsis);
  for (const command& c : program.commands) {
    const std::string left = fmt::format("{}{}{}", c.name, c.words.empty() ? "" : " ", c.words);
    text += fmt::format("  {:34}  {}\n", left, c.summary);
  }
  text += fmt::format("\nOptions of all commands, before or after the command ({} COMMAND --help tells its own):\n",
                      program.name);
  text += options_text(program, {}, true);
  return text + fmt::format("\n{}", program.closing);
}

std::string version_text(const description& program) { return fmt::format("{} {}\n", program.name, program.version); }

}  // namespace sdconnect::cli
