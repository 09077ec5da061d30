#include "program/parse.hpp"

#include "program/help.hpp"
#include "program/output.hpp"
#include "program/report.hpp"
#include "program/spelling.hpp"

#include <algorithm>
#include <cstdlib>

namespace sdconnect::cli {
namespace {

std::string see_help(const description& program, std::string_view command = {}) {
  std::string hint = "see " + std::string(program.name);
  if (!command.empty()) hint += ' ' + std::string(command);
  return hint + " --help";
}

/// Removes the command's name from the words and returns it.
std::string take_command(const description& program, arguments& given) {
  if (!given.words.empty()) {
    const std::string& first = given.words.front();
    if (find_command(program, first) != nullptr) {
      std::string command = std::move(given.words.front());
      given.words.erase(given.words.begin());
      return command;
    }
  }
  return std::string(program.implied_command(given));
}

/// "get, check": the commands that have the option.
std::string commands_with(const description& program, std::string_view option) {
  std::string names;
  for (const command& c : program.commands) {
    const bool has_it = std::ranges::any_of(
        program.options, [&](const option_spec& spec) { return spec.name == option && applies_to(spec, c.name); });
    if (has_it) names += (names.empty() ? "" : ", ") + std::string(c.name);
  }
  return names;
}

void check_options(const description& program, const arguments& given, std::string_view command) {
  if (!given.unknown.empty())
    throw fail(exit_code::usage, "no such option", in_quotes(given.unknown.front()),
               hint_for_option(program, given.unknown.front(), command));
  for (const auto& [name, values] : given.flags) {
    const bool fits = std::ranges::any_of(program.options, [&name = name, command](const option_spec& spec) {
      return spec.name == name && applies_to(spec, command);
    });
    if (!fits)
      throw fail(exit_code::usage, "not an option of " + std::string(command), values.front().where,
                 "an option of " + commands_with(program, name) + "; " + see_help(program, command));
  }
}

config config_named_by(const description& program, const arguments& given, const surroundings& around) {
  const auto named = given.flags.find("config");
  return load_config(program, named == given.flags.end() ? std::nullopt : std::optional(named->second.back().text),
                     around.variables, around.system_config);
}

}  // namespace

std::optional<invocation> parse(const description& program, std::span<const char* const> given,
                                const surroundings& around) {
  arguments sorted = split_arguments(program, given);
  bool asks_help = sorted.flags.contains("help");
  while (!sorted.words.empty() && sorted.words.front() == help_command) {
    sorted.words.erase(sorted.words.begin());
    asks_help = true;
  }
  if (sorted.unknown.empty() && sorted.flags.contains("version") && !asks_help) {
    around.print(version_text(program));
    return std::nullopt;
  }
  // `PROGRAM --help` and `PROGRAM help` show help for the program, `PROGRAM COMMAND --help` and
  // `PROGRAM help COMMAND` for the command.
  if (asks_help && sorted.words.empty()) {
    around.print(help_text(program, {}));
    return std::nullopt;
  }
  std::string command = take_command(program, sorted);
  if (asks_help) {
    around.print(help_text(program, command));
    return std::nullopt;
  }
  check_options(program, sorted, command);

  settings from_environment = settings_from(program.variables, around.variables);
  config from_file;
  if (find_command(program, command)->reads_config) from_file = config_named_by(program, sorted, around);
  return invocation{program, std::move(command), std::move(sorted), std::move(from_environment), std::move(from_file)};
}

config load_config_for(const invocation& said) {
  return config_named_by(said.program, said.given, surroundings::of_process());
}

surroundings surroundings::of_process() {
  // secure_getenv: a set-user-ID copy of this program ignores the environment.
  return {.variables = [](const char* variable) -> const char* { return secure_getenv(variable); },
          .print = [](std::string_view text) { cli::print(text); }};
}

}  // namespace sdconnect::cli
