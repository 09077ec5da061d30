#include "sdconnect/connect/endpoint_command.hpp"

#include "sdconnect/dns/service_name.hpp"
#include "sdconnect/resolver/service_query.hpp"

#include <algorithm>
#include <array>

namespace sdconnect {
namespace {

constexpr std::string_view txt_prefix = "SD_TXT_";
constexpr std::array<std::string_view, 4> fixed_names{"SD_HOST", "SD_PORT", "SD_ADDR", "SD_INSTANCE"};

}  // namespace

std::string fill_placeholders(std::string_view text, const endpoint& where, const ip_address& address) {
  const std::array<std::pair<std::string_view, std::string>, 3> values{{
      {"{host}", host_text(where.target)},
      {"{port}", std::to_string(where.port)},
      {"{addr}", address.to_text()},
  }};
  std::string filled;
  while (!text.empty()) {
    const auto* const match = std::ranges::find_if(values, [&](const auto& v) { return text.starts_with(v.first); });
    if (match != values.end()) {
      filled += match->second;
      text.remove_prefix(match->first.size());
    } else {
      filled.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  return filled;
}

std::vector<std::pair<std::string, std::string>> endpoint_variables(const endpoint& where, const ip_address& address) {
  return {
      {"SD_HOST", host_text(where.target)}, {"SD_PORT", std::to_string(where.port)}, {"SD_ADDR", address.to_text()}};
}

bool is_endpoint_variable(std::string_view variable) noexcept {
  return variable.starts_with(txt_prefix) || std::ranges::find(fixed_names, variable) != fixed_names.end();
}

bool is_safe_argument(const name& target) noexcept {
  return is_host_name(target) && !target.first_label().starts_with('-');
}

}  // namespace sdconnect
