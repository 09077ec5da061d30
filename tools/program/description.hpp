/// \file
/// What tells one program from another: its commands, options, environment and configuration file.
/// The parser, the help, the shell completions and the configuration file read these tables.
#pragma once

#include "program/exit_code.hpp"

#include <span>
#include <string>
#include <string_view>

namespace sdconnect::cli {

struct arguments;
struct invocation;

struct option_spec {
  std::string_view name;   ///< long form without its hyphens: the key of settings and of the configuration file
  char letter = 0;         ///< short form, 0 for none
  std::string_view value;  ///< what help calls the value; empty for a flag. FILE is completed as a file
  std::string_view help;
  std::string_view commands;  ///< the commands that take it, separated by spaces; empty for all
  std::string_view choices;   ///< what the value may be, separated by "|"; empty for anything
  bool repeatable = false;    ///< otherwise the last one counts
  bool in_config = false;     ///< also a key of the configuration file
};

[[nodiscard]] bool applies_to(const option_spec& spec, std::string_view command) noexcept;
/// The first of that name; nullptr for an unknown one.
[[nodiscard]] const option_spec* find_option(std::span<const option_spec> options, std::string_view name) noexcept;

struct command {
  std::string_view name;
  std::string_view words;  ///< what follows the name, for help: "SERVICE [PATH]"
  std::string_view summary;
  /// Runs to the end. Data go to stdout, everything else to stderr. Throws failure.
  exit_code (*run)(const invocation& said);
};

/// An environment variable that stands for an option.
struct variable {
  const char* name;
  std::string_view option;
  bool is_list = false;         ///< several values, separated by commas or blanks
  std::string_view value = {};  ///< of the option when the variable has any; empty: the variable's own
};

/// Tables of the configuration file beside its options: [zone."example.com"] server = [...].
struct config_tables {
  std::string_view name;     ///< "zone"; empty: there are none
  std::string_view key;      ///< the option that each of them sets, a list
  std::string_view heading;  ///< an example, for messages
};

struct description {
  std::string_view name;  ///< "sd-connect"
  std::string_view version;
  std::string_view synopsis;  ///< of the help: how it is called and what it does
  std::string_view closing;   ///< of the help: environment, files, exit codes
  std::span<const command> commands;
  std::span<const option_spec> options;  ///< in the order of the help; a name may come twice, for different commands
  std::span<const std::string_view> later_commands;  ///< of later versions; refused in words, not as a typing error
  /// The command that is meant where none is named. Throws failure when that makes no sense.
  std::string_view (*implied_command)(const arguments& given);
  std::string_view command_of_words;    ///< the one implied by a word alone, for completions
  std::string_view command_of_options;  ///< the one implied by options alone
  std::span<const variable> variables;
  const char* config_variable;     ///< names the configuration file
  std::string_view config_folder;  ///< of ~/.config and /etc
  std::string_view config_keys;    ///< what its keys are, for messages
  config_tables tables;
};

/// nullptr for an unknown name.
[[nodiscard]] const command* find_command(const description& program, std::string_view name) noexcept;

}  // namespace sdconnect::cli
