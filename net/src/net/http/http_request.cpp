#include "net/http/http_request.hpp"

#include <boost/beast/core/string.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace sdconnect::detail {
namespace {

using boost::beast::iequals;

std::string_view field_name(std::string_view line) { return line.substr(0, line.find(':')); }

std::string_view field_value(std::string_view line) {
  line.remove_prefix(field_name(line).size() + 1);
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string request_text(const http_request& request) {
  const bool has_length =
      !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  const std::array<std::pair<std::string_view, std::string>, 5> ours{{
      {"Host", request.host},
      {"User-Agent", request.user_agent},
      {"Accept", "*/*"},
      {"Connection", request.keep_alive ? "" : "close"},
      {"Content-Length", has_length ? std::to_string(request.body.size()) : ""},
  }};
  const auto is_of_user = [&](std::string_view key) {
    return std::ranges::any_of(request.headers,
                               [&](const std::string& line) { return iequals(field_name(line), key); });
  };

  std::string text = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.path);
  // Host goes first (RFC 9112 §3.2), also if the user sets it.
  for (const std::string& line : request.headers) {
    if (iequals(field_name(line), "Host") && !field_value(line).empty()) {
      text += fmt::format("Host: {}\r\n", field_value(line));
    }
  }
  for (const auto& [key, value] : ours) {
    if (!value.empty() && !is_of_user(key)) text += fmt::format("{}: {}\r\n", key, value);
  }
  for (const std::string& line : request.headers) {
    if (iequals(field_name(line), "Host") || field_value(line).empty()) continue;
    text += fmt::format("{}: {}\r\n", field_name(line), field_value(line));
  }
  return text + "\r\n" + request.body;
}

std::string host_field(std::string_view host, std::uint16_t port, bool over_tls) {
  const std::uint16_t default_port = over_tls ? 443 : 80;
  return port == default_port ? std::string(host) : fmt::format("{}:{}", host, port);
}

}  // namespace sdconnect::detail
