#include "helper/status/status_pages.hpp"

#include "helper/status/page_files.hpp"
#include "helper/status/status_text.hpp"
#include "net/base/constant_time.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <array>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace sdconnect::helper {
namespace {

namespace json = boost::json;
using detail::http_reply;
using detail::received_request;

// The page has no inline script or style and asks only this server.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> content_types{{
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
}};

http_reply text_reply(unsigned status, std::string_view line) {
  return {.status = status, .body = std::string(line) + '\n'};
}

std::optional<http_reply> page_reply(std::string_view path) {
  const std::string_view wanted = path == "/" ? "index.html" : path.substr(1);
  for (const page_file& file : page_files()) {
    if (file.path != wanted) continue;
    http_reply reply{.body = std::string(file.content)};
    for (const auto& [ending, type] : content_types) {
      if (file.path.ends_with(ending)) reply.content_type = type;
    }
    return reply;
  }
  return {};
}

std::string event_of(const helper_status& status) { return "event: status\ndata: " + status_json(status) + '\n'; }

std::optional<status_action_kind> action_of(std::string_view path) {
  if (path == "/api/refresh") return status_action_kind::refresh;
  if (path == "/api/eject") return status_action_kind::eject;
  if (path == "/api/restore") return status_action_kind::restore;
  return {};
}

// Unset if the body says nothing that an action could be about.
std::optional<status_action> parsed_action(status_action_kind kind, std::string_view body) {
  status_action action{.kind = kind};
  error_code ec;
  const json::value parsed = json::parse(body.empty() ? "{}" : body, ec);
  const json::object* object = ec ? nullptr : parsed.if_object();
  if (object == nullptr) return {};
  for (const auto& [key, value] : *object) {
    const json::string* text = value.if_string();
    const std::int64_t* number = value.if_int64();
    if (key == "service" && text != nullptr) {
      action.service = std::string_view(*text);
    } else if (key == "target" && text != nullptr) {
      action.target = std::string_view(*text);
    } else if (key == "port" && number != nullptr && *number > 0 &&
               *number <= std::numeric_limits<std::uint16_t>::max()) {
      action.port = static_cast<std::uint16_t>(*number);
    } else {
      return {};
    }
  }
  const bool is_whole = !action.service.empty() && !action.target.empty() && action.port != 0;
  if (kind != status_action_kind::refresh && !is_whole) return {};
  return action;
}

}  // namespace

http_reply status_pages::answer(const received_request& request) {
  http_reply reply = reply_to(request);
  reply.fields.emplace_back("Cache-Control", "no-store");
  reply.fields.emplace_back("Content-Security-Policy", policy);
  reply.fields.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  reply.fields.emplace_back("Referrer-Policy", "no-referrer");
  reply.fields.emplace_back("X-Content-Type-Options", "nosniff");
  return reply;
}

http_reply status_pages::reply_to(const received_request& request) {
  const std::string_view path = request.path;
  const std::string_view site = request.field("Sec-Fetch-Site");
  const bool is_foreign = !site.empty() && site != "same-origin" && site != "none";
  if (is_foreign && path.starts_with("/api/")) return text_reply(403, "only for pages of this server");

  if (const auto kind = action_of(path)) {
    if (request.method == "POST") return act(*kind, request);
    http_reply reply = text_reply(405, "only POST");
    reply.fields.emplace_back("Allow", "POST");
    return reply;
  }
  if (request.method == "POST") {
    http_reply reply = text_reply(405, "only GET and HEAD");
    reply.fields.emplace_back("Allow", "GET, HEAD");
    return reply;
  }
  if (path == "/api/status") return {.content_type = "application/json", .body = status_json(source_.snapshot())};
  if (path == "/api/events") return open_events();
  if (path == "/metrics") {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics_text(source_.snapshot())};
  }
  if (path == "/healthz") return text_reply(200, "alive");
  if (path == "/readyz") {
    const std::string reason = source_.why_not_ready();
    return reason.empty() ? text_reply(200, "ready") : text_reply(503, reason);
  }
  return page_reply(path).value_or(text_reply(404, "no such page"));
}

http_reply status_pages::open_events() {
  return {.content_type = "text/event-stream",
          .body = event_of(source_.snapshot()),
          .on_stream = [this](detail::http_stream stream) { streams_.push_back(std::move(stream)); }};
}

http_reply status_pages::act(status_action_kind kind, const received_request& request) {
  constexpr std::string_view scheme = "Bearer ";
  if (token_.empty()) return text_reply(403, "the helper was started without a token for actions");
  const std::string_view given = request.field("Authorization");
  if (!given.starts_with(scheme) || !detail::equal_in_constant_time(token_, given.substr(scheme.size()))) {
    http_reply reply = text_reply(401, "wrong token");
    reply.fields.emplace_back("WWW-Authenticate", "Bearer");
    return reply;
  }
  const auto action = parsed_action(kind, request.body);
  if (!action)
    return text_reply(400, R"(the body must be like {"service":"_http._tcp.example.com","target":"host1","port":80})");
  const std::string problem = source_.perform(*action);
  return problem.empty() ? text_reply(200, "done") : text_reply(409, problem);
}

std::size_t status_pages::watchers() {
  std::erase_if(streams_, [](const detail::http_stream& s) -> bool { return !s.is_open(); });
  return streams_.size();
}

void status_pages::publish() {
  if (watchers() == 0) return;
  const std::string event = event_of(source_.snapshot());
  for (detail::http_stream& stream : streams_) stream.offer(event);
}

}  // namespace sdconnect::helper
