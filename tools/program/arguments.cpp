// Only this file includes CLI11, which takes ten seconds to compile. CLI11 splits argv (-zZONE,
// -46q, --name=value); this program defines the meaning, the layers, the help and the exit codes.
#include "program/arguments.hpp"

#include "net/base/printable.hpp"
#include "program/report.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>

namespace sdconnect::cli {
namespace {

struct collected {
  std::int64_t times = 0;
  std::vector<std::string> values;
  std::vector<std::string> at_values;  // of words "@VALUE"
};

std::string spelling(const option_spec& spec) {
  std::string names = "--" + std::string(spec.name);
  if (spec.letter != 0) names = std::string{'-', spec.letter, ','} + names;
  return names;
}

/// The first word that is the name of a command; empty if there is none.
std::string_view command_among(const description& program, std::span<const char* const> words) {
  const auto found =
      std::ranges::find_if(words, [&](const char* word) -> bool { return find_command(program, word) != nullptr; });
  return found == words.end() ? std::string_view() : std::string_view(*found);
}

/// The option with this name that the command takes, else the first one.
const option_spec& option_for(std::span<const option_spec> options, std::string_view name, std::string_view command) {
  const auto found = std::ranges::find_if(
      options, [&](const option_spec& spec) -> bool { return spec.name == name && applies_to(spec, command); });
  return found == options.end() ? *find_option(options, name) : *found;
}

void register_options(std::span<const option_spec> options, std::string_view command, CLI::App& parser,
                      std::map<std::string_view, collected>& found) {
  for (const option_spec& first : options) {
    const auto [entry, is_new] = found.try_emplace(first.name);
    if (!is_new) continue;
    const option_spec& spec = option_for(options, first.name, command);
    if (!spec.optional_value.empty()) {
      parser.add_flag(spelling(spec), entry->second.values);  // "true" where it has no value
    } else if (spec.value.empty()) {
      parser.add_flag(spelling(spec), entry->second.times)->disable_flag_override();
    } else {
      // Uses a callback: a vector option of CLI11 consumes the words behind it and splits "[::1]".
      const auto keep = [&values = entry->second.values](const CLI::results_t& given) {
        values = given;
        return true;
      };
      parser.add_option(spelling(spec), keep)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
  }
}

/// Translates CLI11's messages, such as "--timeout: 1 required TEXT missing".
[[noreturn]] void refuse(const description& program, const CLI::Error& error) {
  const std::string_view text = error.what();
  const std::string_view option = text.substr(0, std::min(text.find_first_of(": "), text.size()));
  if (text.find(" missing") != std::string_view::npos)
    throw fail(exit_code::usage, "no value", in_quotes(option), "write the value behind the option");
  if (text.find("flag override") != std::string_view::npos)
    throw fail(exit_code::usage, "takes no value", in_quotes("--" + std::string(option)));
  throw fail(exit_code::usage, detail::escaped(text), {}, "see " + std::string(program.name) + " --help");
}

/// CLI11 reads `--flag=` as `--flag`.
void refuse_empty_flag_values(std::span<const option_spec> options, std::span<const char* const> words) {
  for (std::string_view word : words) {
    if (!word.starts_with("--") || !word.ends_with('=')) continue;
    word.remove_suffix(1);
    const option_spec* spec = find_option(options, word.substr(2));
    if (spec == nullptr || !spec->value.empty()) continue;
    if (spec->optional_value.empty()) throw fail(exit_code::usage, "takes no value", in_quotes(word));
    throw fail(exit_code::usage, "no value", in_quotes(word), "write the value behind '=', or leave out '='");
  }
}

}  // namespace

arguments split_arguments(const description& program, std::span<const char* const> given) {
  arguments sorted;
  // Splits at "--" here, because CLI11 does not report where it was.
  const auto cut = std::ranges::find(given, std::string_view("--"), [](const char* a) { return std::string_view(a); });
  if (cut != given.end()) sorted.behind.emplace(cut + 1, given.end());

  refuse_empty_flag_values(program.options, {given.begin(), cut});

  std::map<std::string_view, collected> found;
  CLI::App parser;
  parser.set_help_flag();
  parser.allow_extras();
  register_options(program.options, command_among(program, {given.begin(), cut}), parser, found);
  try {
    std::vector<std::string> reversed(given.begin(), cut);
    std::ranges::reverse(reversed);  // CLI11 expects this order
    parser.parse(std::move(reversed));
  } catch (const CLI::Error& error) {
    refuse(program, error);
  }
  for (std::string& left : parser.remaining()) {
    const bool is_word = left.size() < 2 || left.front() != '-';  // "-" alone is a word
    if (!program.at_option.empty() && left.starts_with('@'))
      found[program.at_option].at_values.push_back(left.substr(1));
    else
      (is_word ? sorted.words : sorted.unknown).push_back(std::move(left));
  }

  for (auto& [name, option] : found) {
    const std::string where = "--" + std::string(name);
    if (option.times > 0) sorted.flags[std::string(name)] = {{"true", where, exit_code::usage}};
    for (std::string& value : option.values)
      sorted.flags[std::string(name)].push_back({std::move(value), where, exit_code::usage});
    for (std::string& value : option.at_values)
      sorted.flags[std::string(name)].push_back({std::move(value), "@" + std::string(name), exit_code::usage});
  }
  return sorted;
}

}  // namespace sdconnect::cli
