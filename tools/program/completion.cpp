#include "program/completion.hpp"

#include "program/output.hpp"
#include "program/parse.hpp"
#include "program/report.hpp"
#include "program/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sdconnect::cli {
namespace {

constexpr std::string_view shells = "bash|zsh|fish";

/// The program's name in the form that function names use.
std::string identifier(const description& program) {
  std::string text(program.name);
  std::ranges::replace(text, '-', '_');
  return text;
}

std::string spaced(std::string_view choices) {
  std::string words(choices);
  std::ranges::replace(words, '|', ' ');
  return words;
}

std::string command_names(const description& program, char separator) {
  std::string names;
  for (const command& c : program.commands) {
    if (!names.empty()) names += separator;
    names += c.name;
  }
  return names;
}

/// Quotes the text for any of the three shells; the tables contain no backslash.
std::string single_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + '\'';
}

bool takes_file(const option_spec& spec) { return spec.value == "FILE"; }

// ---- bash

std::string bash_options(const description& program, std::string_view command_name) {
  std::string words;
  for (const option_spec& spec : program.options) {
    if (!applies_to(spec, command_name)) continue;
    words += fmt::format(" --{}", spec.name);
    if (spec.letter != 0) words += fmt::format(" -{}", spec.letter);
  }
  return words.substr(1);
}

/// Returns the `case` pattern that matches when the option is the word before the cursor. If an
/// earlier row has the same option name, the pattern matches only behind the commands of this row.
std::string bash_pattern(const description& program, const option_spec& spec) {
  std::string pattern;
  const auto add = [&](std::string_view command_name, const std::string& option) {
    pattern += fmt::format("{}{}:{}", pattern.empty() ? "" : "|", command_name, option);
  };
  const bool is_ambiguous = find_option(program.options, spec.name) != &spec;
  const std::string_view where = is_ambiguous ? spec.commands : std::string_view("*");
  add(where, fmt::format("--{}", spec.name));
  if (spec.letter != 0) add(where, fmt::format("-{}", spec.letter));
  return pattern;
}

std::string bash_values(const description& program) {
  const std::string function = identifier(program);
  std::string cases;
  // Patterns for single commands come first: the second `--zone` of the table takes a file.
  for (const bool ambiguous : {true, false}) {
    for (const option_spec& spec : program.options) {
      if (spec.value.empty() || (find_option(program.options, spec.name) != &spec) != ambiguous) continue;
      const std::string action = takes_file(spec)       ? fmt::format("_{}_files", function)
                                 : spec.choices.empty() ? std::string()
                                                        : fmt::format("_{}_words '{}'", function, spaced(spec.choices));
      cases +=
          fmt::format("        {}) {}{}return ;;\n", bash_pattern(program, spec), action, action.empty() ? "" : "; ");
    }
  }
  return cases;
}

// ---- zsh

/// Escapes brackets and colons, which are special in a specification of _arguments.
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

std::string zsh_specifications(const description& program, std::string_view command_name, bool common) {
  std::string all;
  for (const option_spec& spec : program.options) {
    if (spec.commands.empty() == common && applies_to(spec, command_name)) all += zsh_specification(spec);
  }
  return all;
}

// ---- fish

std::string fish_line(const description& program, const option_spec& spec) {
  std::string line = fmt::format("complete -c {}", program.name);
  if (!spec.commands.empty()) {
    const bool without_command = applies_to(spec, program.command_of_words);
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

std::string bash_completion(const description& program) {
  const std::string function = identifier(program);
  std::string by_command;
  for (const command& c : program.commands) {
    const std::string pattern = std::string(c.name) + (c.name == program.command_of_words ? "|''" : "");
    by_command += fmt::format("            {}) _{}_words '{}' ;;\n", pattern, function, bash_options(program, c.name));
  }
  using namespace fmt::literals;
  return fmt::format(
      R"(# bash completion for {name}; to be read by: source <({name} completion bash)
_{function}_words() {{
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}}
_{function}_files() {{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}}
_{function}() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} word command=
    COMPREPLY=()
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $word in
        --) return ;;
        {any_command}) command=${{command:-$word}} ;;
        esac
    done
    case $command:$prev in
{values}    esac
    case $cur in
    -*)
        case $command in
{options}        esac ;;
    *)
        case $command in
            '') _{function}_words '{commands}' ;;
            completion) _{function}_words '{shells}' ;;
        esac ;;
    esac
}}
complete -F _{function} {name}
)",
      "name"_a = program.name, "function"_a = function, "any_command"_a = command_names(program, '|'),
      "values"_a = bash_values(program), "options"_a = by_command, "commands"_a = command_names(program, ' '),
      "shells"_a = spaced(shells));
}

std::string zsh_completion(const description& program) {
  std::string described;
  std::string by_command;
  for (const command& c : program.commands) {
    described += fmt::format("    {}\n", single_quoted(fmt::format("{}:{}", c.name, zsh_text(c.summary))));
    std::string specifications = zsh_specifications(program, c.name, false);
    if (c.name == "completion") specifications += fmt::format("    '1:shell:({})'\n", spaced(shells));
    by_command += fmt::format("  {})\n    own=(\n{}    ) ;;\n", c.name, specifications);
  }
  using namespace fmt::literals;
  return fmt::format(
      R"(#compdef {name}
# zsh completion for {name}; to be read by: source <({name} completion zsh)
_{function}() {{
  local curcontext=$curcontext state line
  local -a commands common own
  typeset -A opt_args
  commands=(
{commands}  )
  common=(
{common}  )
  # Of options alone, before any command.
  own=(
{own}  )
  _arguments -C -s -S $common $own '1: :->first' '*:: :->rest' && return
  case $state in
  first) _describe command commands; return ;;
  esac
  own=()
  case $words[1] in
{by_command}  esac
  _arguments -s -S $common $own
}}
if [[ $funcstack[1] == _{function} ]]; then
  _{function} "$@"
else
  compdef _{function} {name}
fi
)",
      "name"_a = program.name, "function"_a = identifier(program), "commands"_a = described,
      "common"_a = zsh_specifications(program, {}, true),
      "own"_a = zsh_specifications(program, program.command_of_options, false), "by_command"_a = by_command);
}

std::string fish_completion(const description& program) {
  std::string script = fmt::format(
      "# fish completion for {0}; to be read by: {0} completion fish | source\ncomplete -c {0} -f\n", program.name);
  for (const command& c : program.commands)
    script += fmt::format("complete -c {} -n __fish_use_subcommand -a {} -d {}\n", program.name, c.name,
                          single_quoted(c.summary));
  script +=
      fmt::format("complete -c {} -n '__fish_seen_subcommand_from completion' -a '{}'\n", program.name, spaced(shells));
  for (const option_spec& spec : program.options) script += fish_line(program, spec);
  return script;
}

exit_code run_completion(const invocation& said) {
  std::vector<std::string> words = said.given.words;
  if (said.given.behind) words.insert(words.end(), said.given.behind->begin(), said.given.behind->end());
  if (words.empty()) throw fail(exit_code::usage, "no shell", "completion", "bash, zsh or fish");
  const parsed<std::size_t> shell = choice_from_text(words.front(), shells);
  if (!shell)
    throw fail(exit_code::usage, shell.error().what, "completion " + in_quotes(words.front()), shell.error().hint);
  if (words.size() > 1) throw fail(exit_code::usage, "unexpected argument", in_quotes(words[1]));
  constexpr std::string (*scripts[])(const description&) = {&bash_completion, &zsh_completion, &fish_completion};
  print(scripts[*shell](said.program));
  return exit_code::done;
}

}  // namespace sdconnect::cli
