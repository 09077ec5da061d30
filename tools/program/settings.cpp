#include "program/settings.hpp"

#include <algorithm>

namespace sdconnect::cli {
namespace {

std::string_view value_of(const environment& variables, const char* name) {
  const char* text = variables(name);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

settings settings_from(std::span<const variable> known, const environment& variables) {
  constexpr std::string_view separators = ", \t";
  settings found;
  for (const variable& v : known) {
    std::string_view text = value_of(variables, v.name);
    while (!text.empty()) {
      if (v.is_list) text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
      const std::size_t end = v.is_list ? std::min(text.find_first_of(separators), text.size()) : text.size();
      if (end == 0) break;
      const std::string_view value = v.value.empty() ? text.substr(0, end) : v.value;
      found[std::string(v.option)].push_back({std::string(value), v.name, exit_code::configuration});
      text.remove_prefix(end);
    }
  }
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

const setting* layers::value_of_flag(std::string_view option) const {
  const setting* value = last(option);
  return value == nullptr || value->text == "true" || value->text == "false" ? nullptr : value;
}

}  // namespace sdconnect::cli
