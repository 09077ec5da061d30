#include "sdconnect/connect/http_request.hpp"

#include "connect/probe/host_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace sdconnect {
namespace {

std::string_view field_name(std::string_view line) { return line.substr(0, line.find(':')); }

std::string_view field_value(std::string_view line) {
  line.remove_prefix(field_name(line).size() + 1);
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string request_text(const http_request& request) {
  const std::array<std::pair<std::string_view, std::string_view>, 4> ours{{
      {"Host", request.host},
      {"User-Agent", request.user_agent},
      {"Accept", "*/*"},
      {"Connection", "close"},
  }};
  const auto is_of_user = [&](std::string_view key) {
    return std::ranges::any_of(request.headers,
                               [&](const std::string& line) { return equal_ignoring_case(field_name(line), key); });
  };

  std::string text = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.path);
  // Host goes first (RFC 9112 §3.2), the user's too.
  for (const std::string& line : request.headers) {
    if (equal_ignoring_case(field_name(line), "Host") && !field_value(line).empty()) {
      text += fmt::format("Host: {}\r\n", field_value(line));
    }
  }
  for (const auto& [key, value] : ours) {
    if (!is_of_user(key)) text += fmt::format("{}: {}\r\n", key, value);
  }
  for (const std::string& line : request.headers) {
    if (equal_ignoring_case(field_name(line), "Host") || field_value(line).empty()) continue;
    text += fmt::format("{}: {}\r\n", field_name(line), field_value(line));
  }
  return text + "\r\n";
}

std::string host_of(const endpoint& where, bool over_tls) {
  const std::uint16_t default_port = over_tls ? 443 : 80;
  const std::string host = host_text(where.target);
  return where.port == default_port ? host : fmt::format("{}:{}", host, where.port);
}

}  // namespace sdconnect
