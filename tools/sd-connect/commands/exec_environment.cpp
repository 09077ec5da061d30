#include "sd-connect/commands/exec_environment.hpp"

#include "net/base/printable.hpp"
#include "sdconnect/connect/endpoint_command.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sdconnect::cli {

namespace {

constexpr std::string_view txt_prefix = "SD_TXT_";

std::string variable_name(std::string_view key) {
  std::string result(txt_prefix);
  for (const char c : key) {
    if (c >= 'a' && c <= 'z') {
      result.push_back(static_cast<char>(c - 'a' + 'A'));
    } else {
      const bool stays = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      result.push_back(stays ? c : '_');
    }
  }
  return result;
}

const service_instance* instance_reached(const exec_target& target) {
  for (const name& fullname : target.where.instances) {
    const auto found = std::ranges::find(target.found->instances, fullname, &service_instance::fullname);
    if (found != target.found->instances.end()) return &*found;
  }
  return nullptr;
}

void add_txt(exec_environment& environment, const txt_record& txt) {
  for (const txt_entry& entry : txt.entries()) {
    std::string variable = variable_name(entry.key);
    const std::string_view value = entry.value.value_or(std::string_view());
    if (value.find('\0') != std::string_view::npos) {
      environment.warnings.push_back(
          fmt::format("TXT key {} left out: its value holds a NUL", detail::escaped(entry.key)));
      continue;
    }
    if (std::ranges::find(environment.variables, variable, &std::pair<std::string, std::string>::first) !=
        environment.variables.end()) {
      environment.warnings.push_back(
          fmt::format("TXT key {} left out: {} is taken by another key", detail::escaped(entry.key), variable));
      continue;
    }
    environment.variables.emplace_back(std::move(variable), value);
  }
}

}  // namespace

exec_environment make_exec_environment(const exec_target& target) {
  exec_environment environment;
  environment.variables = endpoint_variables(target.where, target.address, target.order);
  if (std::ranges::find(environment.variables, "SD_ENDPOINTS", &std::pair<std::string, std::string>::first) ==
      environment.variables.end()) {
    environment.warnings.push_back(
        fmt::format("SD_ENDPOINTS left out: {} endpoints are too many for a variable", target.order.size()));
  }
  const service_instance* instance = instance_reached(target);
  if (instance != nullptr) add_txt(environment, instance->txt);
  return environment;
}

}  // namespace sdconnect::cli
