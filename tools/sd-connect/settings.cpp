#include "settings.hpp"

#include <algorithm>

namespace sdconnect::cli {
namespace {

std::string_view value_of(const environment& variables, const char* name) {
  const char* text = variables(name);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

settings settings_from(const environment& variables) {
  settings found;
  const auto add = [&](std::string_view option, std::string_view text, const char* variable) {
    found[std::string(option)].push_back({std::string(text), variable, exit_code::configuration});
  };

  constexpr std::string_view separators = ", \t";
  std::string_view servers = value_of(variables, "SD_CONNECT_SERVER");
  while (true) {
    servers.remove_prefix(std::min(servers.find_first_not_of(separators), servers.size()));
    if (servers.empty()) break;
    const std::size_t end = std::min(servers.find_first_of(separators), servers.size());
    add("server", servers.substr(0, end), "SD_CONNECT_SERVER");
    servers.remove_prefix(end);
  }
  if (const auto timeout = value_of(variables, "SD_CONNECT_TIMEOUT"); !timeout.empty())
    add("timeout", timeout, "SD_CONNECT_TIMEOUT");
  // https://no-color.org: any value that is not empty.
  if (!value_of(variables, "NO_COLOR").empty()) add("color", "never", "NO_COLOR");
  return found;
}

const std::vector<setting>& layers::all(std::string_view option) const {
  static const std::vector<setting> none;
  for (const settings* layer : layers_) {
    if (const auto found = layer->find(option); found != layer->end()) return found->second;
  }
  return none;
}

layers layers::strongest_with(std::initializer_list<std::string_view> options) const {
  for (const settings* layer : layers_) {
    if (std::ranges::any_of(options, [layer](std::string_view option) { return layer->contains(option); }))
      return layers({layer});
  }
  return layers({});
}

const setting* layers::last(std::string_view option) const {
  const std::vector<setting>& values = all(option);
  return values.empty() ? nullptr : &values.back();
}

bool layers::flag(std::string_view option) const {
  const setting* value = last(option);
  return value != nullptr && value->text == "true";
}

}  // namespace sdconnect::cli
