#include "commands.hpp"

#include <algorithm>

namespace sdconnect::cli {
namespace {

constexpr command known_commands[] = {
    {"relay", "SERVICE", "relay stdin and stdout to one endpoint; what SERVICE alone does", &run_relay},
    {"get", "SERVICE [PATH]", "HTTP GET through the balancer, body on stdout", &run_get},
    {"resolve", "SERVICE", "every endpoint with its priority, weight, share, addresses; TXT of each instance",
     &run_resolve},
    {"browse", "[TYPE]", "the instances of a type, or without TYPE the service types of a zone", &run_browse},
    {"pick", "SERVICE", "choose an endpoint; with -n N count N choices beside the expected shares", &run_pick},
    {"exec", "SERVICE -- COMMAND [ARG...]", "run COMMAND with {host} {port} {addr} of an endpoint", &run_exec},
    {"watch", "SERVICE", "one line for each change: + added, - removed, ~ changed, ! unknown, = known again",
     &run_watch},
    {"check", "SERVICE [-- COMMAND [ARG...]]", "try every endpoint once; succeeds only if all are well", &run_check},
    {"demo", "", "name server, backends and client in one process, to see it work", &run_demo},
    {"completion", "bash|zsh|fish", "print a completion script for the shell", &run_completion},
};

}  // namespace

std::span<const command> commands() noexcept { return known_commands; }

const command* find_command(std::string_view name) noexcept {
  const auto* found = std::ranges::find(known_commands, name, &command::name);
  return found == std::ranges::end(known_commands) ? nullptr : found;
}

}  // namespace sdconnect::cli
