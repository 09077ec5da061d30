/// \file
/// Every option of the program, once: the parser, the help, the shell completions and the configuration file read
/// this table.
#pragma once

#include <span>
#include <string_view>

namespace sdconnect::cli {

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

/// In the order of the help. A name may come twice, for different commands (`demo --zone FILE`).
[[nodiscard]] std::span<const option_spec> option_table() noexcept;

[[nodiscard]] bool applies_to(const option_spec& spec, std::string_view command) noexcept;

/// nullptr for an unknown name.
[[nodiscard]] const option_spec* find_option(std::string_view name) noexcept;

/// Promised for later versions; asked for now they are refused in words, not as a typing error.
[[nodiscard]] bool is_later_command(std::string_view name) noexcept;

}  // namespace sdconnect::cli
