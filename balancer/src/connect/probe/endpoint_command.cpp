#include "sdconnect/connect/endpoint_command.hpp"

#include "sdconnect/dns/service_name.hpp"
#include "sdconnect/resolver/service_query.hpp"

#include <algorithm>
#include <array>

namespace sdconnect {
namespace {

constexpr std::string_view txt_prefix = "SD_TXT_";
constexpr std::string_view instance_placeholder = "{instance}";
constexpr std::array<std::string_view, 9> fixed_names{"SD_HOST",     "SD_PORT",      "SD_ADDR",
                                                      "SD_HOSTPORT", "SD_ADDRPORT",  "SD_PRIORITY",
                                                      "SD_WEIGHT",   "SD_ENDPOINTS", "SD_INSTANCE"};

std::string with_port(std::string host, const endpoint& e) { return std::move(host) + ':' + std::to_string(e.port); }

std::string address_with_port(const ip_address& address, const endpoint& e) {
  return with_port(address.is_v4() ? address.to_text() : '[' + address.to_text() + ']', e);
}

std::string list_of(std::span<const endpoint> order) {
  std::string list;
  for (const endpoint& e : order) {
    if (!is_safe_argument(e.target)) continue;
    if (!list.empty()) list += ',';
    list += with_port(host_text(e.target), e);
  }
  return list;
}

std::string instance_of(const endpoint& where) {
  return where.instances.empty() ? std::string() : host_text(where.instances.front());
}

/// No shell interprets these characters inside a word. The text form of a name has the backslash
/// only before digits or punctuation, where a shell drops it or keeps it.
bool is_plain(char c) noexcept {
  const bool is_letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return is_letter_or_digit || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("-_.,:@%+=/\\").find(c) != std::string_view::npos;
}

std::string variable_of(std::string_view word) {
  std::string variable = "SD_";
  for (const char c : word) variable += static_cast<char>(c - 'a' + 'A');
  return variable;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> endpoint_words(const endpoint& where, const ip_address& address,
                                                                std::span<const endpoint> order) {
  return {
      {"host", host_text(where.target)},
      {"port", std::to_string(where.port)},
      {"addr", address.to_text()},
      {"hostport", with_port(host_text(where.target), where)},
      {"addrport", address_with_port(address, where)},
      {"priority", std::to_string(where.priority)},
      {"weight", std::to_string(where.weight)},
      {"endpoints", list_of(order.empty() ? std::span(&where, 1) : order)},
      {"instance", instance_of(where)},
  };
}

std::string fill_placeholders(std::string_view text, const endpoint& where, const ip_address& address,
                              std::span<const endpoint> order) {
  if (text.find('{') == std::string_view::npos) return std::string(text);
  const auto words = endpoint_words(where, address, order);
  const auto is_next = [&text](const auto& word) {
    return text.starts_with('{') && text.substr(1).starts_with(word.first) &&
           text.substr(1 + word.first.size()).starts_with('}');
  };
  std::string filled;
  while (!text.empty()) {
    const auto match = std::ranges::find_if(words, is_next);
    filled += match == words.end() ? std::string(1, text.front()) : match->second;
    text.remove_prefix(match == words.end() ? 1 : match->first.size() + 2);
  }
  return filled;
}

bool is_unsafe_instance(std::string_view text, const endpoint& where) {
  if (text.find(instance_placeholder) == std::string_view::npos) return false;
  const std::string instance = instance_of(where);
  if (text.starts_with(instance_placeholder) && instance.starts_with('-')) return true;
  return text != instance_placeholder && !std::ranges::all_of(instance, is_plain);
}

std::vector<std::pair<std::string, std::string>> endpoint_variables(const endpoint& where, const ip_address& address,
                                                                    std::span<const endpoint> order) {
  std::vector<std::pair<std::string, std::string>> variables;
  for (auto& [word, value] : endpoint_words(where, address, order)) {
    if (word == "instance" && value.empty()) continue;
    if (value.size() > max_variable_octets) continue;
    variables.emplace_back(variable_of(word), std::move(value));
  }
  return variables;
}

bool is_endpoint_variable(std::string_view variable) noexcept {
  return variable.starts_with(txt_prefix) || std::ranges::find(fixed_names, variable) != fixed_names.end();
}

bool is_safe_argument(const name& target) noexcept {
  return is_host_name(target) && !target.first_label().starts_with('-');
}

}  // namespace sdconnect
