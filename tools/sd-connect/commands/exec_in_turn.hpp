/// \file
/// `sd-connect exec --next-on-failure`: runs the command again with the next endpoint while it
/// fails.
#pragma once

#include "program/exit_code.hpp"
#include "sd-connect/commands/exec_environment.hpp"
#include "sd-connect/options/options.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sdconnect::cli {

/// Returns the arguments of the user's command for this endpoint, and sets its variables in the
/// environment of this process. Throws failure (65) if the endpoint's names are not safe for a
/// command line.
[[nodiscard]] std::vector<std::string> prepare_command(const options& opts, const exec_target& target);

/// Throws failure: 127 if the command was not found, otherwise 126.
[[noreturn]] void refuse_command(const std::string& command, error_code ec);

/// Runs the command with `first`, and while it fails, with the next endpoint of its order that can
/// be used: for TCP the next one that accepts a connection. Returns the exit code of the last run.
/// Ends early if the command cannot be run, or after a signal that was to end it. Throws failure,
/// with the exit code of the last run, if the command failed with every endpoint.
[[nodiscard]] exit_code run_in_turn(const options& opts, exec_target first);

/// Returns the first endpoint of `order` that has an address, and the address that a connect to it
/// would try first, without connecting.
[[nodiscard]] std::optional<exec_target> first_with_address(const options& opts, std::span<const endpoint> order);

}  // namespace sdconnect::cli
