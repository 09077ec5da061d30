#include "helper/protocol/refusal.hpp"

#include "net/base/printable.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace sdconnect::helper {
namespace {

struct row {
  refusal_kind kind;
  char socks5;
  unsigned http;
  std::string_view error;
};

constexpr row rows[] = {
    {refusal_kind::bad_request, 1, 400, "http_request_error"},
    {refusal_kind::head_too_large, 1, 431, "http_request_error"},
    {refusal_kind::not_authenticated, 2, 407, "http_request_denied"},
    {refusal_kind::denied, 2, 403, "http_request_denied"},
    {refusal_kind::misdirected, 2, 421, "http_request_denied"},
    {refusal_kind::unsupported_command, 7, 501, "http_request_error"},
    {refusal_kind::unsupported_address, 8, 400, "http_request_error"},
    {refusal_kind::no_service, 4, 502, "dns_error"},
    {refusal_kind::dns_timeout, 4, 504, "dns_timeout"},
    {refusal_kind::dns_failure, 4, 502, "dns_error"},
    {refusal_kind::unavailable, 4, 503, "destination_unavailable"},
    {refusal_kind::prohibited, 2, 403, "destination_ip_prohibited"},
    {refusal_kind::loop, 2, 502, "proxy_loop_detected"},
    {refusal_kind::refused, 5, 502, "connection_refused"},
    {refusal_kind::unreachable, 3, 502, "destination_ip_unroutable"},
    {refusal_kind::timed_out, 6, 504, "connection_timeout"},
    {refusal_kind::bad_response, 1, 502, "http_protocol_error"},
    {refusal_kind::at_limit, 1, 503, "connection_limit_reached"},
    {refusal_kind::internal, 1, 500, "proxy_internal_error"},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    if (static_cast<std::size_t>(rows[i].kind) != i) return false;
  }
  return std::size(rows) == static_cast<std::size_t>(refusal_kind::internal) + 1;
}
static_assert(is_in_order());

const row& row_of(refusal_kind kind) noexcept { return rows[static_cast<std::size_t>(kind)]; }

/// A string of Structured Fields (RFC 8941 §3.3.3).
std::string quoted(std::string_view printable) {
  std::string out = "\"";
  for (const char c : printable) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

char socks5_code(refusal_kind kind) noexcept { return row_of(kind).socks5; }
unsigned http_status(refusal_kind kind) noexcept { return row_of(kind).http; }
std::string_view proxy_error(refusal_kind kind) noexcept { return row_of(kind).error; }

std::string reason_phrase(std::string_view text) {
  constexpr std::size_t most = 200;
  std::string out;
  for (const char c : text.substr(0, most)) out += c >= ' ' && c <= '~' ? c : '?';
  return out;
}

std::string http_refusal(const refusal& why, bool with_body) {
  const std::string phrase = reason_phrase(why.reason);
  const std::string body = fmt::format("sd-connect: {} [{}]\n", detail::escaped(why.reason), why.id);
  return fmt::format(
      "HTTP/1.1 {} {}\r\nProxy-Status: sd-connect; error={}; details={}\r\n{}"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
      http_status(why.kind), phrase, proxy_error(why.kind), quoted(phrase),
      why.kind == refusal_kind::not_authenticated
          ? "Proxy-Authenticate: Basic realm=\"sd-connect\", charset=\"UTF-8\"\r\n"
          : "",
      body.size(), with_body ? body : "");
}

}  // namespace sdconnect::helper
