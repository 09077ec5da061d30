#include "helper/status/status_pages.hpp"

#include "helper/status/page_files.hpp"
#include "helper/status/status_text.hpp"
#include "unit/helper/status/fake_source.hpp"

#include <catch2/catch.hpp>

#include <regex>
#include <string>

using namespace sdconnect;
using namespace sdconnect::helper;
using detail::http_reply;
using test::fake_source;

namespace {

http_reply get(status_pages& pages, const std::string& path, const detail::http_fields& fields = {}) {
  return pages.answer({.method = "GET", .path = path, .query = "", .fields = fields, .body = ""});
}

http_reply post(status_pages& pages, const std::string& path, const std::string& body, const std::string& token) {
  return pages.answer(
      {.method = "POST", .path = path, .query = "", .fields = {{"authorization", "Bearer " + token}}, .body = body});
}

std::string field_of(const http_reply& reply, const std::string& name) {
  for (const auto& [key, value] : reply.fields) {
    if (key == name) return value;
  }
  return "";
}

const std::string about_db1 = R"({"service":"_postgresql._tcp.example.com","target":"db1.example.com","port":5432})";

}  // namespace

TEST_CASE("status pages: each path has its reply", "[helper][status]") {
  fake_source source;
  status_pages pages(source, "secret");
  const auto [path, type, beginning] = GENERATE(table<std::string, std::string, std::string>({
      {"/", "text/html; charset=utf-8", "<!DOCTYPE html>"},
      {"/app.js", "text/javascript; charset=utf-8", "// Shows"},
      {"/app.css", "text/css; charset=utf-8", ":root {"},
      {"/icon.svg", "image/svg+xml", "<svg "},
      {"/uPlot.iife.min.js", "text/javascript; charset=utf-8", "/*! https://github.com/leeoniya/uPlot"},
      {"/LICENSE", "text/plain; charset=utf-8", "The MIT License"},
      {"/api/status", "application/json", "{\"schema\":1,"},
      {"/api/events", "text/event-stream", "event: status\ndata: {\"schema\":1,"},
      {"/metrics", "text/plain; version=0.0.4; charset=utf-8", "# HELP sdconnect_"},
      {"/healthz", "text/plain; charset=utf-8", "alive\n"},
      {"/readyz", "text/plain; charset=utf-8", "ready\n"},
  }));
  const http_reply reply = get(pages, path);
  CHECK(reply.status == 200);
  CHECK(reply.content_type == type);
  CHECK(reply.body.rfind(beginning, 0) == 0);
  CHECK(static_cast<bool>(reply.on_stream) == (path == "/api/events"));
}

TEST_CASE("status pages: other paths and methods", "[helper][status]") {
  fake_source source;
  status_pages pages(source, "secret");
  for (const std::string path : {"/x", "/../etc/passwd", "/index.html/", "/api/", "/api", "//", "/page/app.js"}) {
    INFO(path);
    CHECK(get(pages, path).status == 404);
  }
  const http_reply action = get(pages, "/api/eject");
  CHECK(action.status == 405);
  CHECK(field_of(action, "Allow") == "POST");
  const http_reply page = post(pages, "/api/status", "", "secret");
  CHECK(page.status == 405);
  CHECK(field_of(page, "Allow") == "GET, HEAD");
  CHECK(source.actions.empty());
}

TEST_CASE("status pages: readiness is the helper's, health is the loop's", "[helper][status]") {
  fake_source source;
  source.not_ready = "127.0.0.1:5432 is not open";
  status_pages pages(source, "");
  const http_reply ready = get(pages, "/readyz");
  CHECK(ready.status == 503);
  CHECK(ready.body == "127.0.0.1:5432 is not open\n");
  CHECK(get(pages, "/healthz").status == 200);
  CHECK(source.snapshots == 0);  // a probe every second costs nothing
}

TEST_CASE("status pages: an action needs the token", "[helper][status]") {
  fake_source source;
  status_pages pages(source, "secret");
  for (const std::string token : {"", "secre", "secret ", "secretsecret", "Secret"}) {
    INFO(token);
    const http_reply reply = post(pages, "/api/eject", about_db1, token);
    CHECK(reply.status == 401);
    CHECK(field_of(reply, "WWW-Authenticate") == "Bearer");
  }
  CHECK(pages.answer({.method = "POST", .path = "/api/eject", .query = "", .fields = {}, .body = about_db1}).status ==
        401);
  status_pages without(source, "");
  CHECK(post(without, "/api/eject", about_db1, "").status == 403);
  CHECK(source.actions.empty());
}

TEST_CASE("status pages: actions", "[helper][status]") {
  fake_source source;
  status_pages pages(source, "secret");
  const auto [path, body, kind, service, port] =
      GENERATE(table<std::string, std::string, status_action_kind, std::string, int>({
          {"/api/eject", about_db1, status_action_kind::eject, "_postgresql._tcp.example.com", 5432},
          {"/api/restore", about_db1, status_action_kind::restore, "_postgresql._tcp.example.com", 5432},
          {"/api/refresh", R"({"service":"_x._tcp.a.b"})", status_action_kind::refresh, "_x._tcp.a.b", 0},
          {"/api/refresh", "{}", status_action_kind::refresh, "", 0},
          {"/api/refresh", "", status_action_kind::refresh, "", 0},
      }));
  const http_reply reply = post(pages, path, body, "secret");
  CHECK(reply.status == 200);
  CHECK(reply.body == "done\n");
  REQUIRE(source.actions.size() == 1);
  CHECK(source.actions[0].kind == kind);
  CHECK(source.actions[0].service == service);
  CHECK(source.actions[0].port == port);
}

TEST_CASE("status pages: an action that the helper refuses says why", "[helper][status]") {
  fake_source source;
  source.problem = "no such endpoint";
  status_pages pages(source, "secret");
  const http_reply reply = post(pages, "/api/eject", about_db1, "secret");
  CHECK(reply.status == 409);
  CHECK(reply.body == "no such endpoint\n");
}

TEST_CASE("status pages: a body that says nothing useful is refused", "[helper][status][errors]") {
  fake_source source;
  status_pages pages(source, "secret");
  const std::string body =
      GENERATE("", "{}", "[]", "null", "not JSON", R"({"service":"a"})", R"({"service":"a","target":"b"})",
               R"({"service":"a","target":"b","port":0})", R"({"service":"a","target":"b","port":65536})",
               R"({"service":"a","target":"b","port":"80"})", R"({"service":1,"target":"b","port":80})",
               R"({"service":"a","target":"b","port":80,"x":1})", R"({"service":"","target":"b","port":80})");
  INFO(body);
  CHECK(post(pages, "/api/eject", body, "secret").status == 400);
  CHECK(source.actions.empty());
}

TEST_CASE("status pages: pages of other origins get nothing of the API", "[helper][status][fault-L25]") {
  fake_source source;
  status_pages pages(source, "secret");
  for (const std::string site : {"cross-site", "same-site", "other"}) {
    INFO(site);
    CHECK(get(pages, "/api/events", {{"Sec-Fetch-Site", site}}).status == 403);
    CHECK(get(pages, "/api/status", {{"Sec-Fetch-Site", site}}).status == 403);
    CHECK(get(pages, "/", {{"Sec-Fetch-Site", site}}).status == 200);  // a link may lead there
  }
  for (const std::string site : {"same-origin", "none"}) {
    CHECK(get(pages, "/api/status", {{"Sec-Fetch-Site", site}}).status == 200);
  }
}

TEST_CASE("status pages: a strict policy on every reply", "[helper][status]") {
  fake_source source;
  status_pages pages(source, "secret");
  for (const std::string path : {"/", "/app.js", "/api/status", "/metrics", "/nothing", "/api/eject"}) {
    INFO(path);
    const http_reply reply = get(pages, path);
    const std::string policy = field_of(reply, "Content-Security-Policy");
    CHECK(policy.rfind("default-src 'none'; ", 0) == 0);
    CHECK(policy.find("unsafe") == policy.npos);
    CHECK(policy.find("frame-ancestors 'none'") != policy.npos);
    CHECK(field_of(reply, "X-Content-Type-Options") == "nosniff");
    CHECK(field_of(reply, "Cache-Control") == "no-store");
  }
}

TEST_CASE("status pages: the page has no inline script or style and asks no other server", "[helper][status]") {
  for (const page_file& file : page_files()) {
    INFO(file.path);
    CHECK_FALSE(file.content.empty());
    const std::string content(file.content);
    if (file.path == "index.html") {
      CHECK_FALSE(
          std::regex_search(content, std::regex(R"(<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:)")));
      CHECK_FALSE(std::regex_search(content, std::regex(R"((src|href)="(https?:)?//)")));
    }
    // uPlot names its home in a comment, the icon the namespace of SVG.
    if (file.path == "app.js" || file.path == "app.css" || file.path == "charts.js" || file.path == "tables.js") {
      CHECK(content.find("//www.") == content.npos);
      CHECK_FALSE(std::regex_search(content, std::regex("https?://|@import|innerHTML|eval\\(")));
    }
  }
}

TEST_CASE("status pages: every file that the page names exists", "[helper][status]") {
  fake_source source;
  status_pages pages(source, "");
  const std::string page = get(pages, "/").body;
  const std::regex reference(R"re((?:src|href)="([^#"][^"]*)")re");
  int found = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), reference), end; at != end; ++at, ++found) {
    const std::string path = (*at)[1];
    INFO(path);
    CHECK(get(pages, path.front() == '/' ? path : '/' + path).status == 200);
  }
  CHECK(found >= 8);
}
