#include "program/description.hpp"

#include <algorithm>

namespace sdconnect::cli {
namespace {

bool has_word(std::string_view words, std::string_view word) noexcept {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

}  // namespace

bool applies_to(const option_spec& spec, std::string_view command) noexcept {
  return spec.commands.empty() || has_word(spec.commands, command);
}

const option_spec* find_option(std::span<const option_spec> options, std::string_view name) noexcept {
  const auto found = std::ranges::find(options, name, &option_spec::name);
  return found == options.end() ? nullptr : &*found;
}

std::vector<const command*> listed_commands(const description& program) {
  std::vector<const command*> listed;
  for (const command& c : program.commands) {
    if (!is_hidden(c)) listed.push_back(&c);
  }
  return listed;
}

const command* find_command(const description& program, std::string_view name) noexcept {
  const auto found = std::ranges::find(program.commands, name, &command::name);
  return found == program.commands.end() ? nullptr : &*found;
}

}  // namespace sdconnect::cli
