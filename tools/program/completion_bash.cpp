#include "program/completion.hpp"
#include "program/completion_parts.hpp"

#include <fmt/format.h>

namespace sdconnect::cli {
namespace {

std::string bash_options(const description& program, std::string_view command_name) {
  std::string words;
  for (const option_spec& spec : program.options) {
    if (!applies_to(spec, command_name)) continue;
    words += fmt::format(" --{}", spec.name);
    if (spec.letter != 0) words += fmt::format(" -{}", spec.letter);
  }
  return words.substr(1);
}

/// Returns the `case` pattern that matches COMMAND:OPTION. If an earlier row has the same option
/// name, the pattern matches only behind the commands of this row.
std::string bash_pattern(const description& program, const option_spec& spec) {
  const bool is_ambiguous = find_option(program.options, spec.name) != &spec;
  const std::string_view where = is_ambiguous ? spec.commands : std::string_view("*");
  std::string pattern = fmt::format("{}:--{}", where, spec.name);
  if (spec.letter != 0) pattern += fmt::format("|{}:-{}", where, spec.letter);
  return pattern;
}

std::string bash_values(const description& program) {
  const std::string function = identifier(program);
  std::string cases;
  // Patterns for single commands come first: the second `--zone` of the table takes a file.
  for (const bool ambiguous : {true, false}) {
    for (const option_spec& spec : program.options) {
      if (spec.value.empty() || (find_option(program.options, spec.name) != &spec) != ambiguous) continue;
      std::string action;
      if (takes_file(spec)) action = fmt::format("_{}_files", function);
      if (!spec.choices.empty()) action = fmt::format("_{}_words '{}'", function, spaced(spec.choices));
      if (action.empty() && !ambiguous) continue;
      cases += fmt::format("            {}) {} ;;\n", bash_pattern(program, spec), action.empty() ? ":" : action);
    }
  }
  return cases;
}

std::string bash_first_arguments(const description& program) {
  const std::string function = identifier(program);
  std::string cases = fmt::format("            0:*) _{}_words '{}' ;;\n", function, command_names(program, ' '));
  for (const command* c : listed_commands(program)) {
    if (const std::string arguments = first_arguments(program, *c); !arguments.empty())
      cases += fmt::format("            1:{}) _{}_words '{}' ;;\n", c->name, function, arguments);
  }
  return cases;
}

std::string bash_option_lists(const description& program) {
  std::string cases;
  for (const command* c : listed_commands(program)) {
    cases += fmt::format("            {}) _{}_words '{}' ;;\n", c->name, identifier(program),
                         bash_options(program, c->name));
  }
  return cases;
}

// The shell also splits words at the characters of COMP_WORDBREAKS: "--policy=hash" and
// "tls://192.0.2.1@a.example" come as several words.
constexpr std::string_view bash_script =
    R"(# bash completion for {name}; to be read by: source <({name} completion bash)
_{function}_words() {{
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}}
_{function}_files() {{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}}
# Completes the command that begins with word $1: as bash-completion does, or by the command's own
# function.
_{function}_behind() {{
    if declare -F _command_offset >/dev/null; then
        _command_offset "$1"
    elif ((COMP_CWORD > $1)) && [[ $(complete -p -- "${{COMP_WORDS[$1]}}" 2>/dev/null) =~ \ -F\ ([^ ]+) ]]; then
        COMP_WORDS=("${{COMP_WORDS[@]:$1}}") COMP_CWORD=$((COMP_CWORD - $1))
        "${{BASH_REMATCH[1]}}" "${{COMP_WORDS[0]}}" "$cur" "${{COMP_WORDS[COMP_CWORD - 1]}}"
    elif ((COMP_CWORD > $1)) || [[ $cur == */* ]]; then
        _{function}_files
    else
        mapfile -t COMPREPLY < <(compgen -c -- "$cur" | sort -u)
    fi
}}
_{function}() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} word option='' command='' before='' i
    local -i place=0 is_joined=0
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${{COMP_WORDS[i]}}
        if [[ $word =~ ^[:=@]+$ ]]; then
            is_joined=1
            [[ $word == = ]] || option=''
        elif ((is_joined)) || [[ $option ]]; then
            is_joined=0 option=''
        else
            case $word in
            --)
                case $command in
                {running}) _{function}_behind $((i + 1)) ;;
                esac
                return ;;
            --*=*) ;;
            {with_value}) option=$word ;;
            -*) ;;
            *)
                if ((place == 0)); then
                    case $word in
                    {commands}) command=$word ;;
                    esac
                fi
                place+=1 ;;
            esac
        fi
    done
    if [[ $option && $cur == = ]]; then
        cur=''
    elif [[ ! $option ]] && ((is_joined)); then
        return
    elif [[ ! $option && $cur == --*=* ]]; then
        option=${{cur%%=*}} before=${{cur%%=*}}= cur=${{cur#*=}}
    fi
    if [[ $option ]]; then
        case $command:$option in
{values}        esac
        [[ ! $before ]] || COMPREPLY=("${{COMPREPLY[@]/#/$before}}")
    elif [[ $cur == -* ]]; then
        if [[ ! $command ]]; then
            # Options alone mean {of_options}; a word that is no command means {of_words}.
            ((place)) && command={of_words} || command={of_options}
        fi
        case $command in
{options}        esac
    else
        case $place:$command in
{arguments}        esac
    fi
}}
complete -F _{function} {name}
)";

}  // namespace

std::string bash_completion(const description& program) {
  return fmt::format(
      bash_script, fmt::arg("name", program.name), fmt::arg("function", identifier(program)),
      fmt::arg("running", running_commands(program, '|')), fmt::arg("with_value", options_with_value(program, '|')),
      fmt::arg("commands", command_names(program, '|')), fmt::arg("of_options", program.command_of_options),
      fmt::arg("of_words", program.command_of_words), fmt::arg("values", bash_values(program)),
      fmt::arg("options", bash_option_lists(program)), fmt::arg("arguments", bash_first_arguments(program)));
}

}  // namespace sdconnect::cli
