#include "program/completion.hpp"
#include "program/completion_parts.hpp"

#include <fmt/format.h>

namespace sdconnect::cli {
namespace {

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
  std::string value;
  if (!spec.value.empty()) {
    const std::string action = takes_file(spec)       ? "_files"
                               : spec.choices.empty() ? " "
                                                      : fmt::format("({})", spaced(spec.choices));
    value = fmt::format(":{}:{}", zsh_text(spec.value), action);
  }
  const std::string longer = fmt::format("--{}", spec.name);
  const std::string shorter = spec.letter != 0 ? fmt::format("-{}", spec.letter) : std::string();
  const std::string once = spec.repeatable ? "*" : fmt::format("({}{}{})", longer, shorter.empty() ? "" : " ", shorter);
  // "=": the value may stand behind "=" or in the next word; "+": also directly behind the letter.
  const auto spelled = [&](const std::string& spelling, std::string_view where) {
    return "    " +
           single_quoted(
               fmt::format("{}{}{}[{}]{}", once, spelling, value.empty() ? "" : where, zsh_text(spec.help), value)) +
           "\n";
  };
  return spelled(longer, "=") + (shorter.empty() ? std::string() : spelled(shorter, "+"));
}

std::string zsh_specifications(const description& program, std::string_view command_name, bool common) {
  std::string all;
  for (const option_spec& spec : program.options) {
    if (spec.commands.empty() == common && applies_to(spec, command_name)) all += zsh_specification(spec);
  }
  return all;
}

std::string zsh_cases(const description& program) {
  std::string cases;
  for (const command* c : listed_commands(program)) {
    std::string specifications = zsh_specifications(program, c->name, false);
    if (const std::string arguments = first_arguments(program, *c); !arguments.empty())
      specifications += fmt::format("    '2: :({})'\n", arguments);
    const std::string pattern = std::string(c->name) + (c->name == program.command_of_words ? "|''" : "");
    cases += fmt::format("    {}) own=(\n{}    ) ;;\n", pattern, specifications);
  }
  return cases;
}

// The function has the name of the file that zsh loads it from: `completion zsh > _NAME` in a folder
// of $fpath. "( )" offers nothing; an empty action would print a message, and _arguments would then
// not complete options. $commands is a variable of zsh.
constexpr std::string_view zsh_script = R"(#compdef {name}
# zsh completion for {name}; to be read by: source <({name} completion zsh)
_{name}() {{
  local word option='' command=''
  local -i i place=0
  local -a known common own
  known=(
{described}  )
  for (( i = 2; i < CURRENT; i++ )); do
    word=$words[i]
    if [[ -n $option ]]; then
      option=''
      continue
    fi
    case $word in
    --)
      [[ $command == ({running}) ]] || return 1
      shift $i words
      (( CURRENT -= i ))
      _normal
      return ;;
    --*=*) ;;
    {with_value}) option=$word ;;
    -*) ;;
    *)
      (( place )) || [[ $word != ({names}) ]] || command=$word
      (( place += 1 )) ;;
    esac
  done
  common=(
{common}  )
  # Options alone mean {of_options}; a word that is no command means {of_words}.
  if (( place )); then
    case $command in
{cases}    esac
  else
    own=(
{own}    )
  fi
  _arguments -s -S $common $own '1: :{{ _describe command known }}' '*: :( )'
}}
if [[ $funcstack[1] == _{name} ]]; then
  _{name} "$@"
else
  compdef _{name} {name}
fi
)";

}  // namespace

std::string zsh_completion(const description& program) {
  std::string described;
  for (const command* c : listed_commands(program))
    described += fmt::format("    {}\n", single_quoted(fmt::format("{}:{}", c->name, zsh_text(c->summary))));
  return fmt::format(
      zsh_script, fmt::arg("name", program.name), fmt::arg("described", described),
      fmt::arg("running", running_commands(program, '|')), fmt::arg("with_value", options_with_value(program, '|')),
      fmt::arg("names", command_names(program, '|')), fmt::arg("common", zsh_specifications(program, {}, true)),
      fmt::arg("own", zsh_specifications(program, program.command_of_options, false)),
      fmt::arg("of_options", program.command_of_options), fmt::arg("of_words", program.command_of_words),
      fmt::arg("cases", zsh_cases(program)));
}

}  // namespace sdconnect::cli
