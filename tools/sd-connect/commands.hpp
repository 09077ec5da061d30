/// \file
/// The table of subcommands. A new one is a new file and one row.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

#include <span>
#include <string_view>

namespace sdconnect::cli {

struct command {
  std::string_view name;
  std::string_view words;  ///< what follows the name, for help: "SERVICE [PATH]"
  std::string_view summary;
  /// Runs to the end. Data go to stdout, everything else to stderr. Throws failure.
  exit_code (*run)(const options&);
};

exit_code run_relay(const options&);
exit_code run_get(const options&);
exit_code run_resolve(const options&);
exit_code run_browse(const options&);
exit_code run_pick(const options&);
exit_code run_exec(const options&);
exit_code run_watch(const options&);
exit_code run_check(const options&);
exit_code run_demo(const options&);
exit_code run_completion(const options&);

[[nodiscard]] std::span<const command> commands() noexcept;
/// nullptr for an unknown name.
[[nodiscard]] const command* find_command(std::string_view name) noexcept;

}  // namespace sdconnect::cli
