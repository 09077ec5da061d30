/// \file
/// Describes one program: its commands, options, environment and configuration file. The parser,
/// the help, the shell completions and the configuration file read these tables.
#pragma once

#include "program/exit_code.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

struct arguments;
struct invocation;

struct option_spec {
  std::string_view name;   ///< long form without hyphens: the key in settings and in the configuration file
  char letter = 0;         ///< short form, 0 if there is none
  std::string_view value;  ///< name of the value in the help; empty for a flag. The shells complete FILE as a file
  std::string_view help;
  std::string_view commands;  ///< commands that take it, separated by spaces; empty: all
  std::string_view choices;   ///< allowed values, separated by "|"; empty: any value
  bool repeatable = false;    ///< if false, the last occurrence counts
  bool in_config = false;     ///< also a key of the configuration file
  /// With in_config: the table of the file in which it is a key; empty: outside of all tables.
  std::string_view table = {};
  /// Name of the value that a flag may have, as in --same-domain=DOMAIN; empty if it takes none.
  std::string_view optional_value = {};
};

[[nodiscard]] bool applies_to(const option_spec& spec, std::string_view command) noexcept;
/// Returns the first row with that name, or nullptr if there is none.
[[nodiscard]] const option_spec* find_option(std::span<const option_spec> options, std::string_view name) noexcept;

/// The command that prints help, as --help does. The parser performs it: it needs no configuration.
inline constexpr std::string_view help_command = "help";

struct command {
  std::string_view name;
  std::string_view words;    ///< arguments behind the name, for the help: "SERVICE [PATH]"
  std::string_view summary;  ///< empty: the command is hidden from help and completion
  /// Runs the command to its end. Writes data to stdout, everything else to stderr. Throws failure.
  /// Null for help_command.
  exit_code (*run)(const invocation& said);
  std::string_view examples = {};  ///< command lines for the help, each ended by a newline
  bool reads_config = true;        ///< if false, the parser leaves the configuration file alone
};

[[nodiscard]] constexpr bool is_hidden(const command& c) noexcept { return c.summary.empty(); }

/// An environment variable that sets an option.
struct variable {
  const char* name;
  std::string_view option;
  bool is_list = false;  ///< holds several values, separated by commas or blanks
  /// The option's value if the variable is set to any text; empty: the variable's own text.
  std::string_view value = {};
};

/// One exit code, for the manual.
struct exit_meaning {
  std::string_view code;
  std::string_view meaning;
};

/// A table of the configuration file.
struct config_table_spec {
  enum class kind : std::uint8_t {
    named,    ///< any number: [zone."example.com"] server = [...]
    listed,   ///< any number, without names: [[forward]]
    options,  ///< one, whose keys are the options that name it (option_spec::table): [proxy]
    pairs,    ///< one, whose keys and values together are values KEY=VALUE of one option: [map]
  };
  std::string_view name;
  kind how{};
  /// Option names, separated by blanks. named and listed: the keys of a table, of the same type as
  /// the option; the first one must be there. pairs: the option.
  std::string_view keys;
  std::string_view example;  ///< for messages: `[zone."example.com"] server = [...]`
};

struct description {
  std::string_view name;  ///< "sd-connect"
  std::string_view version;
  std::string_view date;      ///< of the version, YYYY-MM-DD, for the manual
  std::string_view purpose;   ///< a phrase, for the manual: "find a service ..."
  std::string_view about;     ///< the manual's description; sentences
  std::string_view synopsis;  ///< first part of the help: usage and purpose
  std::string_view examples;  ///< command lines, each ended by a newline
  std::string_view closing;   ///< last part of the help: environment, files, exit codes
  std::span<const exit_meaning> exit_codes;
  std::string_view config_about;    ///< the manual's description of the configuration file
  std::string_view config_example;  ///< lines, each ended by a newline
  std::span<const command> commands;
  std::span<const option_spec> options;  ///< in the order of the help; a name may occur twice, for different commands
  /// The option that a word "@VALUE" sets, as in dig: "server"; empty if such words mean nothing.
  std::string_view at_option;
  /// Returns the command to run if the command line names none. Throws failure if none is possible.
  std::string_view (*implied_command)(const arguments& given);
  /// Tells on stdout that the command line could not be parsed, if the caller reads data there; null
  /// if nothing is to be printed. `given` is argv without the program's name.
  void (*report_failure)(std::span<const char* const> given, const failure& why);
  std::string_view command_of_words;    ///< the command that a word alone implies, for completions
  std::string_view command_of_options;  ///< the command that options alone imply
  std::span<const variable> variables;
  const char* config_variable;     ///< name of the variable that names the configuration file
  std::string_view config_folder;  ///< the program's folder below ~/.config and /etc
  std::string_view config_keys;    ///< describes the valid keys, for messages
  std::span<const config_table_spec> tables;
};

/// Returns the commands that are not hidden.
[[nodiscard]] std::vector<const command*> listed_commands(const description& program);
/// Returns nullptr for an unknown name.
[[nodiscard]] const command* find_command(const description& program, std::string_view name) noexcept;

}  // namespace sdconnect::cli
