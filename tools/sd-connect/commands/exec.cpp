/// \file
/// `sd-connect exec`: chooses an endpoint and replaces this process by the user's command, with the
/// endpoint in its arguments and environment.
///
/// The command replaces this process (execvp, never a shell), so signals and the exit code are
/// those of the command. As in a shell, exit code 127 means command not found and 126 means it
/// could not run. Over TCP the endpoint has just accepted a connection; over UDP it is the policy's
/// first choice and untested. With --next-on-failure this process stays (exec_in_turn.hpp).

#include "program/report.hpp"
#include "sd-connect/commands/choice.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/exec_environment.hpp"
#include "sd-connect/commands/exec_in_turn.hpp"
#include "sd-connect/commands/stream_service.hpp"
#include "sd-connect/explain/explain.hpp"
#include "sd-connect/explain/failures.hpp"
#include "sdconnect/connect/endpoint_command.hpp"
#include "text/names.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <unistd.h>

namespace sdconnect::cli {

namespace {

constexpr auto command_not_found = static_cast<exit_code>(127);
constexpr auto command_not_runnable = static_cast<exit_code>(126);

std::vector<endpoint> endpoints_of(const attempt_plan& plan) {
  std::vector<endpoint> order;
  for (std::size_t i = 0; i < plan.order.size(); ++i) order.push_back(plan[i].where);
  return order;
}

exec_target choose_unproved(const options& opts, command_context& with) {
  auto found = std::make_shared<service>(with.resolve_or_fail(command_context::explaining::told_later));
  const attempt_plan chosen = plan_of(opts, found->endpoints, with.random());
  if (opts.explain) {
    explanation story = explanation::of(opts, {}, *found);
    story.tell(chosen);
    explain(opts, story);
  }
  std::vector<endpoint> order = endpoints_of(chosen);
  std::optional<exec_target> target = first_with_address(opts, order);
  if (!target) throw fail(exit_code::data_unusable, "no endpoint has an address", opts.query->qname.to_text());
  target->found = std::move(found);
  target->order = std::move(order);
  return *std::move(target);
}

exec_target choose(const options& opts) {
  command_context with(opts);
  if (is_udp_service(opts)) return choose_unproved(opts, with);
  connection made = with.connect_or_fail();
  std::vector<endpoint> order = endpoints_of(made.plan);
  return {.where = std::move(made.where),
          .address = made.address,
          .found = std::move(made.found),
          .order = std::move(order)};
}

/// As an argument, a target "-x" would be an option of the command (FAULTS L30).
void refuse_option_in_disguise(const exec_target& target) {
  if (is_safe_argument(target.where.target)) return;
  throw fail(exit_code::data_unusable, "the target is no host name for a command line", target.where.target.to_text());
}

void refuse_unsafe_instance(const std::string& argument, const exec_target& target) {
  if (!is_unsafe_instance(argument, target.where)) return;
  throw fail(exit_code::data_unusable, "the name of the instance is not safe in a command line",
             display(target.where.instances.front()), "use the variable SD_INSTANCE in place of {instance}");
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
  refuse_command(arguments.front(), error_code(errno, boost::system::system_category()));
}

}  // namespace

void refuse_command(const std::string& command, error_code ec) {
  const bool is_missing = ec == boost::system::errc::no_such_file_or_directory;
  throw fail(is_missing ? command_not_found : command_not_runnable, "cannot run", in_quotes(command), ec.message());
}

std::vector<std::string> prepare_command(const options& opts, const exec_target& target) {
  refuse_option_in_disguise(target);
  // Does not replace placeholders in the command name: the user decides which program runs, not
  // DNS.
  std::vector<std::string> arguments = opts.command_line;
  for (auto argument = std::next(arguments.begin()); argument != arguments.end(); ++argument) {
    refuse_unsafe_instance(*argument, target);
    *argument = fill_placeholders(*argument, target.where, target.address, target.order);
  }
  set_environment(opts, target);
  return arguments;
}

exit_code run_exec(const options& opts) {
  // choose() is a separate function: Asio's sockets are not close-on-exec, so all of them must be
  // closed before the command starts.
  exec_target target = choose(opts);
  if (opts.next_on_failure) return run_in_turn(opts, std::move(target));
  become(prepare_command(opts, target));
}

}  // namespace sdconnect::cli
