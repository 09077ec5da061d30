#include "support/name_of.hpp"
#include "unit/cli/command_line.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::test;
using Catch::Matchers::Contains;
using cli::exit_code;

TEST_CASE("command line: resolve waits for an endpoint to come or to go", "[cli]") {
  CHECK(parse({"resolve", "a.b.c"}).wait == cli::waiting::none);
  CHECK(parse({"resolve", "a.b.c", "--wait"}).wait == cli::waiting::seen);
  const cli::options gone = parse({"resolve", "a.b.c", "--wait-gone", "Host1.b.c.:80"});
  CHECK(gone.wait == cli::waiting::gone);
  CHECK(std::get<name>(gone.gone->host) == name_of("host1.b.c."));
  CHECK(gone.gone->port == 80);
  CHECK_THAT(refusal_of({"resolve", "a.b.c", "--wait", "--wait-gone", "h:1"}).line, Contains("makes no sense"));
  CHECK(refusal_of({"get", "a.b.c", "--wait"}).code == exit_code::usage);
}

TEST_CASE("command line: HOST:PORT is a name or an address, an IPv6 address in brackets", "[cli]") {
  const auto host = [](const char* text) { return parse({"resolve", "a.b.c", "--wait-gone", text}).gone->host; };
  CHECK(std::get<ip_address>(host("192.0.2.1:80")) == ip_address::from_text("192.0.2.1").value());
  CHECK(std::get<ip_address>(host("[2001:db8::1]:80")) == ip_address::from_text("2001:db8::1").value());
  for (const char* wrong : {"", "h", "h:", ":80", "h:0", "h:65536", "h:http", "2001:db8::1:80", "[192.0.2.1]:80",
                            "[h]:80", "[]:80", "a..b:80"}) {
    INFO(wrong);
    const refusal refused = refusal_of({"resolve", "a.b.c", "--wait-gone", wrong});
    CHECK(refused.code == exit_code::usage);
    CHECK_THAT(refused.line, Contains("HOST:PORT, like "));
  }
}

TEST_CASE("command line: only those who wait for an endpoint may wait forever", "[cli]") {
  CHECK(parse({"resolve", "a.b.c", "--wait", "--timeout", "forever"}).waits_forever);
  CHECK(parse({"resolve", "a.b.c", "--wait-gone", "h:1", "--timeout", "forever"}).waits_forever);
  CHECK_FALSE(parse({"resolve", "a.b.c", "--wait", "--timeout", "5s"}).waits_forever);
  const refusal refused = refusal_of({"get", "a.b.c", "--timeout", "forever"});
  CHECK(refused.code == exit_code::usage);
  CHECK(refused.line == "forever makes no sense without --wait or --wait-gone: --timeout");
}

TEST_CASE("command line: --origin is the origin of a zone file of the demo", "[cli][fault-O32]") {
  CHECK(parse({"demo", "--zone", "f", "--origin", "example.com"}).origin == name_of("example.com."));
  CHECK_FALSE(parse({"demo", "--zone", "f"}).origin);
  CHECK_THAT(refusal_of({"demo", "--origin", "example.com"}).line, Contains("makes no sense without --zone"));
  CHECK(refusal_of({"demo", "--zone", "f", "--origin", "a..b"}).code == exit_code::usage);
}

TEST_CASE("command line: --next-on-failure is an option of exec", "[cli][fault-O31]") {
  CHECK(parse({"exec", "a.b.c", "--next-on-failure", "--", "id"}).next_on_failure);
  CHECK_FALSE(parse({"exec", "a.b.c", "--", "id"}).next_on_failure);
  CHECK(refusal_of({"get", "a.b.c", "--next-on-failure"}).code == exit_code::usage);
}
