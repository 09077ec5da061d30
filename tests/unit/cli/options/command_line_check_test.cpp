#include "sd-connect/options/http_values.hpp"
#include "unit/cli/command_line.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using cli::exit_code;

TEST_CASE("command line: what check checks", "[cli][probe]") {
  const cli::options plain = parse({"check", "a.b.c"});
  CHECK(plain.check == probe_kind::tcp);

  const cli::options http = parse({"check", "a.b.c", "--check", "http", "--path", "/health", "--expect", "200-299,404",
                                   "--head", "-H", "X-Probe: 1", "--tls", "--tls-name", "x.y"});
  CHECK(http.check == probe_kind::http);
  CHECK(http.path == "/health");
  CHECK(http.head_only);
  REQUIRE(http.expected_statuses.size() == 2);
  CHECK(http.expected_statuses[0].first == 200);
  CHECK(http.expected_statuses[1].last == 404);
  CHECK(http.headers == std::vector<std::string>{"X-Probe: 1"});
  CHECK(http.tls);
  CHECK(http.tls_name == "x.y");

  const cli::options tls = parse({"check", "--check", "tls", "a.b.c", "--tls-name", "x.y", "--ca", "x.pem"});
  CHECK(tls.check == probe_kind::tls);
  CHECK(tls.tls_name == "x.y");
  CHECK(tls.ca_file == "x.pem");
  for (const char* host : {"a_b.x.y", "192.0.2.1", "2001:db8::1"})
    CHECK(parse({"check", "--check", "tls", "a.b.c", "--tls-name", host}).tls_name == host);
}

TEST_CASE("command line: the command of check stands behind --", "[cli][probe][exec]") {
  const cli::options exec = parse({"check", "a.b.c", "--check", "exec", "--", "curl", "--json", "--", "{host}"});
  CHECK(exec.check == probe_kind::exec);
  CHECK(exec.command_line == std::vector<std::string>{"curl", "--json", "--", "{host}"});
  CHECK(exec.format == cli::output_format::table);
  CHECK(parse({"check", "--check", "exec", "--", "-x.b.c", "--", "true"}).query->qname.to_text() == "-x.b.c.");
  // Without a check command it means the same as in other commands.
  CHECK(parse({"check", "--", "-x.b.c"}).query->qname.to_text() == "-x.b.c.");
}

TEST_CASE("command line: a command behind -- is what check runs, without --check exec", "[cli][probe][fault-O37]") {
  const cli::options exec = parse({"check", "a.b.c", "--", "nc", "-z", "{host}", "{port}"});
  CHECK(exec.check == probe_kind::exec);
  CHECK(exec.command_line == std::vector<std::string>{"nc", "-z", "{host}", "{port}"});
  CHECK(parse({"check", "-z", "b.c", "-s", "a", "-p", "tcp", "--", "true"}).check == probe_kind::exec);
  CHECK(parse({"check", "--", "-x.b.c", "--", "true"}).check == probe_kind::exec);
  const refusal refused = refusal_of({"check", "a.b.c", "--check", "tcp", "--", "true"});
  CHECK(refused.code == exit_code::usage);
  CHECK_THAT(refused.line, Catch::Matchers::Contains("unexpected argument: 'true': only --check exec runs"));
  CHECK(refusal_of({"check", "a.b.c", "--check", "exec"}).code == exit_code::usage);
}

TEST_CASE("command line: HTTP statuses are numbers and ranges", "[cli][probe]") {
  const auto text_of = [](const char* text) {
    std::string out;
    const auto ranges = cli::statuses_from_text(text);
    if (!ranges) return std::string("refused");
    for (const http_status_range& range : *ranges)
      out += std::to_string(range.first) + '-' + std::to_string(range.last) + ' ';
    return out;
  };
  CHECK(text_of("200") == "200-200 ");
  CHECK(text_of("200-299,404,500-599") == "200-299 404-404 500-599 ");
  for (const char* text :
       {"", "2", "99", "1000", "200-", "-299", "300-200", "200,", ",200", "200-299-399", "2xx", " 200"}) {
    INFO(text);
    CHECK(text_of(text) == "refused");
  }
}
