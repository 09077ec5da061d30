/// \file
/// `sd-connect exec`: chooses an endpoint and replaces this process by the user's command, with the
/// endpoint in its arguments and environment.
///
/// The command replaces this process (execvp, never a shell), so signals and the exit code are
/// those of the command. As in a shell, exit code 127 means command not found and 126 means it
/// could not run. Over TCP the endpoint has just accepted a connection; over UDP it is the policy's
/// first choice and untested.

#include "program/report.hpp"
#include "sd-connect/commands/choice.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/exec_environment.hpp"
#include "sd-connect/commands/stream_service.hpp"
#include "sd-connect/explain/explain.hpp"
#include "sd-connect/explain/failures.hpp"
#include "sdconnect/connect/endpoint_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <unistd.h>

namespace sdconnect::cli {

namespace {

constexpr auto command_not_found = static_cast<exit_code>(127);
constexpr auto command_not_runnable = static_cast<exit_code>(126);

exec_target choose_unproved(const options& opts, command_context& with) {
  auto found = std::make_shared<service>(with.resolve_or_fail(command_context::explaining::told_later));
  const attempt_plan chosen = plan_of(opts, found->endpoints, with.random());
  if (opts.explain) {
    explanation story = explanation::of(opts, {}, *found);
    story.tell(chosen);
    explain(opts, story);
  }
  for (std::size_t i = 0; i < chosen.order.size(); ++i) {
    const endpoint& candidate = chosen[i].where;
    const auto address = std::ranges::find_if(candidate.addresses, &ip_address::is_connectable);
    if (address == candidate.addresses.end()) continue;
    return {.where = candidate, .address = *address, .found = std::move(found)};
  }
  throw fail(exit_code::data_unusable, "no endpoint has an address", opts.query->qname.to_text());
}

exec_target choose(const options& opts) {
  command_context with(opts);
  if (is_udp_service(opts)) return choose_unproved(opts, with);
  connection made = with.connect_or_fail();
  return {.where = std::move(made.where), .address = made.address, .found = std::move(made.found)};
}

/// As an argument, a target "-x" would be an option of the command (FAULTS L30).
void refuse_option_in_disguise(const exec_target& target) {
  if (is_safe_argument(target.where.target)) return;
  throw fail(exit_code::data_unusable, "the target is no host name for a command line", target.where.target.to_text());
}

void set_environment(const options& opts, const exec_target& target) {
  std::vector<std::string> inherited;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::string_view key = text.substr(0, text.find('='));
    if (is_endpoint_variable(key)) inherited.emplace_back(key);
  }
  for (const std::string& key : inherited) ::unsetenv(key.c_str());

  const exec_environment environment = make_exec_environment(target);
  for (const std::string& warning : environment.warnings) warn(opts, warning);
  for (const auto& [key, value] : environment.variables) ::setenv(key.c_str(), value.c_str(), 1);
}

[[noreturn]] void become(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  std::signal(SIGPIPE, SIG_DFL);  // an ignored signal stays ignored in the new program
  ::execvp(argv.front(), argv.data());
  const error_code ec(errno, boost::system::system_category());
  throw fail(ec.value() == ENOENT ? command_not_found : command_not_runnable, "cannot run",
             in_quotes(arguments.front()), ec.message());
}

}  // namespace

exit_code run_exec(const options& opts) {
  // choose() is a separate function: Asio's sockets are not close-on-exec, so all of them must be
  // closed before the command starts.
  const exec_target target = choose(opts);
  refuse_option_in_disguise(target);
  set_environment(opts, target);

  // Does not replace placeholders in the command name: the user decides which program runs, not
  // DNS.
  std::vector<std::string> arguments = opts.command_line;
  for (auto argument = std::next(arguments.begin()); argument != arguments.end(); ++argument) {
    *argument = fill_placeholders(*argument, target.where, target.address);
  }
  become(std::move(arguments));
}

}  // namespace sdconnect::cli
