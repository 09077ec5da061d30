#include "parse.hpp"

#include "arguments.hpp"
#include "commands.hpp"
#include "config_file.hpp"
#include "help.hpp"
#include "interpret.hpp"
#include "interpret_service.hpp"
#include "option_table.hpp"
#include "output.hpp"
#include "report.hpp"

#include <algorithm>
#include <cstdlib>

namespace sdconnect::cli {
namespace {

constexpr std::string_view see_help = "see sd-connect --help";

/// Takes the command's name out of the words. Without one the four flags mean get, and SERVICE alone means relay.
std::string take_command(arguments& given) {
  if (!given.words.empty()) {
    const std::string& first = given.words.front();
    if (is_later_command(first)) throw fail(exit_code::usage, "not in this version yet", in_quotes(first), see_help);
    if (find_command(first) != nullptr) {
      std::string command = std::move(given.words.front());
      given.words.erase(given.words.begin());
      return command;
    }
  }
  if (is_given_by_parts(given.flags)) return "get";
  if (!given.words.empty() && given.words.front().find('.') == std::string::npos)
    throw fail(exit_code::usage, "neither a command nor a service name", in_quotes(given.words.front()), see_help);
  return "relay";
}

void check_options(const arguments& given, std::string_view command) {
  if (!given.unknown.empty())
    throw fail(exit_code::usage, "no such option", in_quotes(given.unknown.front()), see_help);
  for (const auto& [name, values] : given.flags) {
    const bool fits = std::ranges::any_of(option_table(), [&name = name, command](const option_spec& spec) {
      return spec.name == name && applies_to(spec, command);
    });
    if (!fits)
      throw fail(exit_code::usage, "not an option of " + std::string(command), values.front().where,
                 "see sd-connect " + std::string(command) + " --help");
  }
}

}  // namespace

std::optional<options> parse_arguments(std::span<const char* const> given, const surroundings& around) {
  arguments sorted = split_arguments(given);
  const bool asks_help = sorted.flags.contains("help");
  if (sorted.unknown.empty() && sorted.flags.contains("version") && !asks_help) {
    around.print(version_text());
    return std::nullopt;
  }
  // `sd-connect --help` is about the program, `sd-connect get --help` about get.
  if (asks_help && sorted.words.empty()) {
    around.print(help_text({}));
    return std::nullopt;
  }
  const std::string command = take_command(sorted);
  if (asks_help) {
    around.print(help_text(command));
    return std::nullopt;
  }
  if (given.empty()) throw fail(exit_code::usage, "nothing to do", "no SERVICE and no command", see_help);
  check_options(sorted, command);

  const settings from_environment = settings_from(around.variables);
  const auto named = sorted.flags.find("config");
  const config from_file =
      load_config(named == sorted.flags.end() ? std::nullopt : std::optional(named->second.back().text),
                  around.variables, around.system_config);
  return interpret(command, sorted, from_environment, from_file);
}

std::optional<options> parse_command_line(int argc, const char* const* argv) {
  surroundings around;
  // secure_getenv: a set-user-ID copy of this program listens to nobody's environment.
  around.variables = [](const char* variable) -> const char* { return secure_getenv(variable); };
  around.print = [](std::string_view text) { print(text); };
  const std::span<const char* const> all(argv, static_cast<std::size_t>(std::max(argc, 0)));
  return parse_arguments(all.subspan(std::min<std::size_t>(all.size(), 1)), around);
}

}  // namespace sdconnect::cli
