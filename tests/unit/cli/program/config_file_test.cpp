#include "program/config_file.hpp"

#include "unit/cli/command_line.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using cli::exit_code;

namespace {

cli::options options_from(const std::string& toml) {
  const scratch_folder folder;
  const std::string file = folder.file("config.toml", toml);
  return parse({"resolve", "a.b.c", "--config", file.c_str()});
}

}  // namespace

TEST_CASE("configuration file: every common option", "[cli]") {
  const cli::options opts = options_from(R"(
server = ["192.0.2.1", "[2001:db8::1]#5353"]
tcp = true
ipv4 = true
timeout = "7s"
connect-timeout = "300ms"
policy = "weighted"
same-domain = true
seed = 42
output = "csv"
explain = true
color = "never"
quiet = true
verbose = true
require-authenticated = true
randomize-case = true
min-interval = "9s"
)");
  CHECK(opts.server_sets.at(0).servers.size() == 2);
  CHECK(opts.tcp_only);
  CHECK_FALSE(opts.query->want_ipv6);
  CHECK(opts.timeout == 7s);
  CHECK(opts.connect_timeout == 300ms);
  CHECK(opts.policy == selection_policy::weighted);
  CHECK(opts.query->same_domain);
  CHECK(opts.seed == 42);
  CHECK(opts.format == cli::output_format::csv);
  CHECK(opts.explain);
  CHECK(opts.color == cli::color_mode::never);
  CHECK(opts.quiet);
  CHECK(opts.verbose);
  CHECK(opts.query->require_authenticated);
  CHECK(opts.randomize_case);
  CHECK(opts.min_interval == 9s);
}

TEST_CASE("configuration file: json is output = 'json', and gives way to -o", "[cli]") {
  const scratch_folder folder;
  const std::string file = folder.file("config.toml", "json = true\n");
  CHECK(parse({"resolve", "a.b.c", "--config", file.c_str()}).format == cli::output_format::json);
  CHECK(parse({"resolve", "a.b.c", "--config", file.c_str(), "-o", "csv"}).format == cli::output_format::csv);
  CHECK(options_from("json = false\noutput = 'csv'\n").format == cli::output_format::csv);
  CHECK(options_from("json = true\noutput = 'json'\n").format == cli::output_format::json);
  const refusal refused = refusal_of([] { return options_from("json = true\noutput = 'csv'\n"); });
  CHECK(refused.code == exit_code::configuration);
  CHECK_THAT(refused.line,
             Contains("two output formats") && Contains("config.toml:1:8") && Contains("config.toml:2:10"));
}

TEST_CASE("configuration file: --json beats the file's output", "[cli]") {
  const scratch_folder folder;
  const std::string file = folder.file("config.toml", "output = 'csv'\n");
  CHECK(parse({"resolve", "a.b.c", "--config", file.c_str(), "--json"}).format == cli::output_format::json);
}

TEST_CASE("configuration file: faults are exit 78 with file, line and column", "[cli][fault-K14]") {
  struct row {
    const char* toml;
    const char* where;
    const char* what;
  };
  for (const row& r : {
           row{"timeout = '5s'\ntimeoot = '5s'\n", "config.toml:2:1", "did you mean 'timeout'?"},
           row{"header = 'X: y'\n", "config.toml:1:1", "unknown key 'header'"},
           row{"json = 'yes'\n", "config.toml:1:8", "wrong type for 'json'"},
           row{"tls = true\n", "config.toml:1:1", "unknown key 'tls'"},
           row{"count = 5\n", "config.toml:1:1", "unknown key 'count'"},
           row{"min-interval = '0s'\n", "config.toml:1:16", "no time at all"},
           row{"tcp = 'yes'\n", "config.toml:1:7", "wrong type for 'tcp'"},
           row{"timeout = true\n", "config.toml:1:11", "wrong type for 'timeout'"},
           row{"\n  timeout = 0\n", "config.toml:2:13", "no time at all"},
           row{"timeout = '5 s'\n", "config.toml:1:11", "not a duration"},
           row{"policy = 'random'\n", "config.toml:1:10", "no such choice"},
           row{"policy = 'hash'\nhash-key = ''\n", "config.toml:2:12", "empty value"},
           row{"seed = -1\n", "config.toml:1:8", "not a number"},
           row{"server = [\n  '192.0.2.1',\n  'ns1',\n]\n", "config.toml:3:3", "not a name server"},
           row{"server = ['192.0.2.1', 53]\n", "config.toml:1:24", "wrong type for 'server'"},
           row{"server = []\n", "config.toml:1:10", "nothing in 'server'"},
           row{"zone = 5\n", "config.toml:1:8", "wrong type for 'zone'"},
           row{"[zone.\"x..y\"]\nserver = '192.0.2.1'\n", "config.toml:1:7", "'x..y'"},
           row{"[zone.x.y]\nserver = '192.0.2.1'\n", "config.toml:1:9", "unknown key 'y'"},
           row{"[zone.\"x.y\"]\nservers = '192.0.2.1'\n", "config.toml:2:1", "unknown key 'servers'"},
           row{"[zone.\"x.y\"]\n", "config.toml:1:7", "without server"},
           row{"[zone.\".\"]\nserver = '192.0.2.1'\n", "config.toml:1:7", "zone '.'"},
           row{"[zone.\"x.y\"]\nserver = '192.0.2.1'\n[zone.\"X.y.\"]\nserver = '192.0.2.2'\n",
               "config.toml:", "twice"},
           row{"[get]\ntls = true\n", "config.toml:1:2", "unknown key 'get'"},
           row{"timeout = \n", "config.toml:1:", "not TOML"},
           row{"timeout = '1s'\ntimeout = '2s'\n", "config.toml:2:", "not TOML"},
       }) {
    const refusal refused = refusal_of([&] { return options_from(r.toml); });
    INFO(r.toml << refused.line);
    CHECK(refused.code == exit_code::configuration);
    CHECK_THAT(refused.line, Contains(r.where));
    CHECK_THAT(refused.line, Contains(r.what));
    CHECK(refused.line.find('\n') == std::string::npos);
  }
}

TEST_CASE("configuration file: a command that needs none does not read it", "[cli][fault-K14]") {
  scene s;
  const scratch_folder folder;
  s.system_config = folder.file("config.toml", "timeoot = '5s'\n");
  CHECK(refusal_of([&] { return s.parse({"resolve", "a.b.c"}); }).code == exit_code::configuration);
  CHECK_NOTHROW(s.said({"completion", "bash"}));
  CHECK_NOTHROW(s.said({"config", "check", "other.toml"}));
}

TEST_CASE("configuration file: what is not text is refused without echoing it", "[cli]") {
  const refusal refused = refusal_of(
      [] { return cli::config_from_text(cli::sd_connect(), std::string_view("\x1b]0;x\x07\0\xff", 8), "c.toml"); });
  CHECK(refused.code == exit_code::configuration);
  CHECK(refused.line.find('\x1b') == std::string::npos);
}
