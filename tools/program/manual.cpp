#include "program/manual.hpp"

#include "program/output.hpp"
#include "program/parse.hpp"
#include "program/report.hpp"
#include "program/wrap.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sdconnect::cli {
namespace {

std::string upper_case(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return upper;
}

/// Escapes text for roff. Hyphens become the character that can be searched and copied.
std::string roff(std::string_view text) {
  std::string safe;
  bool begins_line = true;
  for (const char c : text) {
    if (begins_line && (c == '.' || c == '\'')) safe += "\\&";
    begins_line = c == '\n';
    if (c == '\\')
      safe += "\\e";
    else if (c == '-')
      safe += "\\-";
    else if (c == '"')
      safe += "\\(dq";
    else if (c == '~')
      safe += "\\(ti";
    else
      safe += c;
  }
  return safe;
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", roff(text)); }
std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", roff(text)); }

/// Breaks the source into short lines; the formatter joins them.
std::string prose(std::string_view text) {
  constexpr std::size_t width = 64;  // escapes make lines longer
  std::string lines;
  for (const std::string_view line : wrapped(text, width)) lines += roff(line) + '\n';
  return lines;
}

std::string header(const description& program, std::string_view title, int section, std::string_view volume) {
  return fmt::format(".TH {} {} {} \"{}\" \"{}\"\n", roff(upper_case(title)), section, program.date,
                     roff(fmt::format("{} {}", program.name, program.version)), volume);
}

std::string section(std::string_view title) { return fmt::format(".SH {}\n", title); }

/// A term with its text indented below it.
std::string item(const std::string& term, std::string_view text) {
  return fmt::format(".TP\n{}\n{}", term, prose(text));
}

std::string verbatim(std::string_view lines) { return fmt::format(".EX\n{}.EE\n", roff(lines)); }

std::string option_item(const option_spec& spec) {
  std::string term = spec.letter != 0 ? bold(fmt::format("-{}", spec.letter)) + ", " : std::string();
  term += bold(fmt::format("--{}", spec.name));
  if (!spec.value.empty()) term += ' ' + italic(spec.value);
  std::string text(spec.help);
  if (!spec.choices.empty()) text += fmt::format(": {}", spec.choices);
  return item(term, text);
}

std::string option_items(const description& program, std::string_view command_name, bool common) {
  std::string items;
  for (const option_spec& spec : program.options) {
    if (spec.commands.empty() == common && applies_to(spec, command_name)) items += option_item(spec);
  }
  return items;
}

std::string command_section(const description& program, const command& c) {
  std::string text = fmt::format(".SS {}{}{}\n", roff(c.name), c.words.empty() ? "" : " ", roff(c.words));
  text += prose(fmt::format("{}.", c.summary)) + option_items(program, c.name, false);
  if (!c.examples.empty()) text += ".PP\n" + verbatim(c.examples);
  return text;
}

}  // namespace

std::string program_page(const description& program) {
  std::string page = header(program, program.name, 1, "User Commands");
  page += section("NAME") + fmt::format("{} \\- {}\n", roff(program.name), roff(program.purpose));
  page += section("SYNOPSIS") + fmt::format("{} {} [{}...]\n", bold(program.name), italic("SERVICE"), italic("OPTION"));
  page += fmt::format(".br\n{} {} [{}...] [{}...]\n", bold(program.name), italic("COMMAND"), italic("ARGUMENT"),
                      italic("OPTION"));
  page += section("DESCRIPTION") + prose(program.about);
  page += section("COMMANDS");
  for (const command* c : listed_commands(program)) page += command_section(program, *c);
  page += section("OPTIONS") + "These options apply to all commands, before or after the command.\n";
  page += option_items(program, {}, true);
  if (!program.examples.empty()) page += section("EXAMPLES") + verbatim(program.examples);
  page += section("ENVIRONMENT");
  for (const variable& v : program.variables)
    page += item(bold(v.name), fmt::format("Sets --{}{}.", v.option,
                                           v.value.empty() ? "" : fmt::format(" {} if it is not empty", v.value)));
  page += item(bold(program.config_variable), "Names the configuration file.");
  page += section("FILES");
  page += item(italic(fmt::format("$XDG_CONFIG_HOME/{}/config.toml", program.config_folder)),
               "The user's configuration; without XDG_CONFIG_HOME in ~/.config.");
  page += item(italic(fmt::format("/etc/{}/config.toml", program.config_folder)),
               "The configuration of the system, read if the user has none.");
  page += section("EXIT STATUS");
  for (const exit_meaning& code : program.exit_codes) page += item(bold(code.code), code.meaning);
  page += section("SEE ALSO") + fmt::format(".BR {}.toml (5)\n", roff(program.name));
  return page;
}

std::string config_page(const description& program) {
  const std::string title = fmt::format("{}.toml", program.name);
  std::string page = header(program, title, 5, "File Formats");
  page += section("NAME") + fmt::format("{} \\- configuration file of {}\n", roff(title), roff(program.name));
  page += section("DESCRIPTION") + prose(program.config_about);
  page += section("KEYS");
  for (const option_spec& spec : program.options) {
    if (!spec.in_config) continue;
    const std::string_view form = spec.value.empty() ? " = true" : spec.repeatable ? " = [\"...\"]" : " = \"...\"";
    std::string text(spec.help);
    if (!spec.choices.empty()) text += fmt::format(": {}", spec.choices);
    page += item(bold(spec.name) + roff(form), text);
  }
  page += section("EXAMPLES") + verbatim(program.config_example);
  page += section("SEE ALSO") + fmt::format(".BR {} (1)\n", roff(program.name));
  return page;
}

exit_code run_manual(const invocation& said) {
  const std::vector<std::string>& words = said.given.words;
  if (words.size() != 1 || (words.front() != "1" && words.front() != "5"))
    throw fail(exit_code::usage, "no section", "manual", "manual 1 or manual 5");
  print(words.front() == "1" ? program_page(said.program) : config_page(said.program));
  return exit_code::done;
}

}  // namespace sdconnect::cli
