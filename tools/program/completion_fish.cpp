#include "program/completion.hpp"
#include "program/completion_parts.hpp"

#include <fmt/format.h>

namespace sdconnect::cli {
namespace {

std::string fish_line(const description& program, const option_spec& spec) {
  std::string line = fmt::format("complete -c {}", program.name);
  if (!spec.commands.empty()) line += fmt::format(" -n '__{}_is {}'", identifier(program), spec.commands);
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

constexpr std::string_view fish_script = R"(# fish completion for {name}; to be read by: {name} completion fish | source
# Prints the number of words before the cursor that are neither options nor their values, and the
# command, which is empty if the first of them is none; "behind" and the command behind "--".
function __{function}_state
    set -l command ''
    set -l place 0
    set -l is_value 0
    for word in (commandline -opc)[2..-1]
        if test $is_value = 1
            set is_value 0
            continue
        end
        switch $word
            case --
                echo behind
                echo $command
                return
            case '--*=*'
            case {with_value}
                set is_value 1
            case '-*'
            case '*'
                if test $place = 0; and contains -- $word {commands}
                    set command $word
                end
                set place (math $place + 1)
        end
    end
    echo $place
    echo $command
end
function __{function}_first
    set -l state (__{function}_state)
    test $state[1] = 0
end
# Options alone mean {of_options}; a word that is no command means {of_words}.
function __{function}_is
    set -l state (__{function}_state)
    test $state[1] != behind; or return 1
    if test -n "$state[2]"
        contains -- $state[2] $argv
    else
        contains -- {of_words} $argv; or test $state[1] = 0; and contains -- {of_options} $argv
    end
end
function __{function}_argument
    set -l state (__{function}_state)
    test $state[1] = 1; and test "$state[2]" = $argv[1]
end
function __{function}_behind
    set -l state (__{function}_state)
    test $state[1] = behind; and contains -- "$state[2]" {running}
end
# Completes the words behind "--" as a command line.
function __{function}_command
    set -l words (commandline -opc)
    set -e words[1..(contains -i -- -- $words)]
    set -l current (commandline -ct)
    complete -C (string join ' ' -- (string escape -- $words) "$current")
end
complete -c {name} -f
complete -c {name} -n __{function}_behind -x -a '(__{function}_command)'
)";

}  // namespace

std::string fish_completion(const description& program) {
  const std::string function = identifier(program);
  std::string text =
      fmt::format(fish_script, fmt::arg("name", program.name), fmt::arg("function", function),
                  fmt::arg("with_value", options_with_value(program, ' ')),
                  fmt::arg("commands", command_names(program, ' ')), fmt::arg("of_options", program.command_of_options),
                  fmt::arg("of_words", program.command_of_words), fmt::arg("running", running_commands(program, ' ')));
  for (const command* c : listed_commands(program)) {
    text += fmt::format("complete -c {} -n __{}_first -a {} -d {}\n", program.name, function, c->name,
                        single_quoted(c->summary));
    if (const std::string arguments = first_arguments(program, *c); !arguments.empty())
      text += fmt::format("complete -c {} -n '__{}_argument {}' -a '{}'\n", program.name, function, c->name, arguments);
  }
  for (const option_spec& spec : program.options) text += fish_line(program, spec);
  return text;
}

}  // namespace sdconnect::cli
