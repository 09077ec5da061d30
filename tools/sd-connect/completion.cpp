/// \file
/// `sd-connect completion bash|zsh|fish`.

#include "completion.hpp"

#include "commands.hpp"
#include "option_table.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sdconnect::cli {
namespace {

constexpr std::string_view shells = "bash zsh fish";

std::string spaced(std::string_view choices) {
  std::string words(choices);
  std::ranges::replace(words, '|', ' ');
  return words;
}

std::string command_names(char separator) {
  std::string names;
  for (const command& c : commands()) {
    if (!names.empty()) names += separator;
    names += c.name;
  }
  return names;
}

/// Inside single quotes of any of the three shells; the tables hold no backslash.
std::string single_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + '\'';
}

bool takes_file(const option_spec& spec) { return spec.value == "FILE"; }

// ---- bash

std::string bash_options(std::string_view command_name) {
  std::string words;
  for (const option_spec& spec : option_table()) {
    if (!applies_to(spec, command_name)) continue;
    words += fmt::format(" --{}", spec.name);
    if (spec.letter != 0) words += fmt::format(" -{}", spec.letter);
  }
  return words.substr(1);
}

/// A `case` pattern for the option as the word before the cursor; an option of few commands only behind these.
std::string bash_pattern(const option_spec& spec) {
  std::string pattern;
  const auto add = [&](std::string_view command_name, const std::string& option) {
    pattern += fmt::format("{}{}:{}", pattern.empty() ? "" : "|", command_name, option);
  };
  const bool is_ambiguous = find_option(spec.name) != &spec;
  const std::string_view where = is_ambiguous ? spec.commands : std::string_view("*");
  add(where, fmt::format("--{}", spec.name));
  if (spec.letter != 0) add(where, fmt::format("-{}", spec.letter));
  return pattern;
}

std::string bash_values() {
  std::string cases;
  // What is meant for one command stands first: the second `--zone` of the table wants a file.
  for (const bool ambiguous : {true, false}) {
    for (const option_spec& spec : option_table()) {
      if (spec.value.empty() || (find_option(spec.name) != &spec) != ambiguous) continue;
      const std::string action = takes_file(spec)       ? "_sd_connect_files"
                                 : spec.choices.empty() ? ""
                                                        : fmt::format("_sd_connect_words '{}'", spaced(spec.choices));
      cases += fmt::format("        {}) {}{}return ;;\n", bash_pattern(spec), action, action.empty() ? "" : "; ");
    }
  }
  return cases;
}

// ---- zsh

/// Brackets and colons mean something inside a specification of _arguments.
std::string zsh_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string zsh_specification(const option_spec& spec) {
  const auto for_spelling = [&](const std::string& spelling, const std::string& excluded) {
    std::string text = spec.repeatable ? "*" : excluded.empty() ? "" : fmt::format("({})", excluded);
    text += fmt::format("{}[{}]", spelling, zsh_text(spec.help));
    if (!spec.value.empty()) {
      const std::string action = takes_file(spec)       ? "_files"
                                 : spec.choices.empty() ? " "
                                                        : fmt::format("({})", spaced(spec.choices));
      text += fmt::format(":{}:{}", zsh_text(spec.value), action);
    }
    return "    " + single_quoted(text) + "\n";
  };
  const std::string longer = fmt::format("--{}", spec.name);
  if (spec.letter == 0) return for_spelling(longer, {});
  const std::string shorter = fmt::format("-{}", spec.letter);
  return for_spelling(longer, shorter) + for_spelling(shorter, longer);
}

std::string zsh_specifications(std::string_view command_name, bool common) {
  std::string all;
  for (const option_spec& spec : option_table()) {
    if (spec.commands.empty() == common && applies_to(spec, command_name)) all += zsh_specification(spec);
  }
  return all;
}

// ---- fish

std::string fish_line(const option_spec& spec) {
  std::string line = "complete -c sd-connect";
  if (!spec.commands.empty()) {
    // SERVICE without a command is relay.
    const bool without_command = applies_to(spec, "relay");
    line += fmt::format(" -n '__fish_seen_subcommand_from {}{}'", spec.commands,
                        without_command ? "; or __fish_use_subcommand" : "");
  }
  if (spec.letter != 0) line += fmt::format(" -s {}", spec.letter);
  line += fmt::format(" -l {}", spec.name);
  if (takes_file(spec))
    line += " -r -F";
  else if (!spec.choices.empty())
    line += fmt::format(" -x -a '{}'", spaced(spec.choices));
  else if (!spec.value.empty())
    line += " -x";
  return line + " -d " + single_quoted(spec.help) + '\n';
}

}  // namespace

std::string bash_completion() {
  std::string by_command;
  for (const command& c : commands()) {
    const std::string_view pattern = c.name == "relay" ? "relay|''" : c.name;
    by_command += fmt::format("            {}) _sd_connect_words '{}' ;;\n", pattern, bash_options(c.name));
  }
  return fmt::format(
      R"(# bash completion for sd-connect; to be read by: source <(sd-connect completion bash)
_sd_connect_words() {{
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}}
_sd_connect_files() {{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}}
_sd_connect() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} word command=
    COMPREPLY=()
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $word in
        --) return ;;
        {}) command=${{command:-$word}} ;;
        esac
    done
    case $command:$prev in
{}    esac
    case $cur in
    -*)
        case $command in
{}        esac ;;
    *)
        case $command in
            '') _sd_connect_words '{}' ;;
            completion) _sd_connect_words '{}' ;;
        esac ;;
    esac
}}
complete -F _sd_connect sd-connect
)",
      command_names('|'), bash_values(), by_command, command_names(' '), shells);
}

std::string zsh_completion() {
  std::string described;
  std::string by_command;
  for (const command& c : commands()) {
    described += fmt::format("    {}\n", single_quoted(fmt::format("{}:{}", c.name, zsh_text(c.summary))));
    std::string specifications = zsh_specifications(c.name, false);
    if (c.name == "completion") specifications += fmt::format("    '1:shell:({})'\n", shells);
    by_command += fmt::format("  {})\n    own=(\n{}    ) ;;\n", c.name, specifications);
  }
  return fmt::format(R"(#compdef sd-connect
# zsh completion for sd-connect; to be read by: source <(sd-connect completion zsh)
_sd_connect() {{
  local curcontext=$curcontext state line
  local -a commands common own
  typeset -A opt_args
  commands=(
{}  )
  common=(
{}  )
  # Without a command: SERVICE alone is relay, the flags -z -s -p -v are get.
  own=(
{}  )
  _arguments -C -s -S $common $own '1: :->first' '*:: :->rest' && return
  case $state in
  first) _describe command commands; return ;;
  esac
  own=()
  case $words[1] in
{}  esac
  _arguments -s -S $common $own
}}
if [[ $funcstack[1] == _sd_connect ]]; then
  _sd_connect "$@"
else
  compdef _sd_connect sd-connect
fi
)",
                     described, zsh_specifications({}, true), zsh_specifications("get", false), by_command);
}

std::string fish_completion() {
  std::string script =
      "# fish completion for sd-connect; to be read by: sd-connect completion fish | source\n"
      "complete -c sd-connect -f\n";
  for (const command& c : commands())
    script +=
        fmt::format("complete -c sd-connect -n __fish_use_subcommand -a {} -d {}\n", c.name, single_quoted(c.summary));
  script += fmt::format("complete -c sd-connect -n '__fish_seen_subcommand_from completion' -a '{}'\n", shells);
  for (const option_spec& spec : option_table()) script += fish_line(spec);
  return script;
}

exit_code run_completion(const options& opts) {
  if (opts.shell == "bash") print(bash_completion());
  if (opts.shell == "zsh") print(zsh_completion());
  if (opts.shell == "fish") print(fish_completion());
  return exit_code::done;
}

}  // namespace sdconnect::cli
