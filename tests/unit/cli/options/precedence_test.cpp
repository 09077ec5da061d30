#include "unit/cli/command_line.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <sys/stat.h>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using cli::exit_code;

namespace {

std::vector<std::string> servers_of(const cli::options& opts, std::size_t set = 0) {
  std::vector<std::string> labels;
  for (const name_server& server : opts.server_sets.at(set).servers) labels.push_back(server.label);
  return labels;
}

}  // namespace

TEST_CASE("precedence: the address families are one choice of the strongest layer", "[cli]") {
  const scratch_folder folder;
  scene s;
  s.system_config = folder.file("config.toml", "ipv4 = true\n");
  CHECK_FALSE(s.parse({"resolve", "a.b.c"}).query->want_ipv6);
  const cli::options opts = s.parse({"resolve", "a.b.c", "-6"});
  CHECK(opts.query->want_ipv6);
  CHECK_FALSE(opts.query->want_ipv4);
}

TEST_CASE("precedence: flags above environment above file above default", "[cli]") {
  const scratch_folder folder;
  scene s;
  CHECK(s.parse({"resolve", "a.b.c"}).timeout == 5s);
  CHECK(s.parse({"resolve", "a.b.c"}).server_sets.empty());

  s.system_config = folder.file("config.toml", "timeout = '1s'\nserver = '192.0.2.1'\npolicy = 'ordered'\n");
  CHECK(s.parse({"resolve", "a.b.c"}).timeout == 1s);
  CHECK(s.parse({"resolve", "a.b.c"}).policy == selection_policy::ordered);
  CHECK(servers_of(s.parse({"resolve", "a.b.c"})) == std::vector<std::string>{"192.0.2.1#53"});

  s.variables = {{"SD_CONNECT_TIMEOUT", "2s"}, {"SD_CONNECT_SERVER", "192.0.2.2, 192.0.2.3#54 [::1]"}};
  CHECK(s.parse({"resolve", "a.b.c"}).timeout == 2s);
  CHECK(servers_of(s.parse({"resolve", "a.b.c"})) ==
        std::vector<std::string>{"192.0.2.2#53", "192.0.2.3#54", "::1#53"});

  const cli::options opts =
      s.parse({"resolve", "a.b.c", "--timeout", "3s", "--server", "192.0.2.4", "--policy", "weighted"});
  CHECK(opts.timeout == 3s);
  CHECK(opts.policy == selection_policy::weighted);
  CHECK(servers_of(opts) == std::vector<std::string>{"192.0.2.4#53"});
}

TEST_CASE("precedence: a duration without a unit is seconds in every layer", "[cli]") {
  const scratch_folder folder;
  scene s;
  s.system_config = folder.file("config.toml", "timeout = 7\nconnect-timeout = 0.25\nmin-interval = '30'\n");
  CHECK(s.parse({"watch", "a.b.c"}).timeout == 7s);
  CHECK(s.parse({"watch", "a.b.c"}).connect_timeout == 250ms);
  CHECK(s.parse({"watch", "a.b.c"}).min_interval == 30s);
  s.variables = {{"SD_CONNECT_TIMEOUT", "2"}};
  CHECK(s.parse({"watch", "a.b.c"}).timeout == 2s);
  CHECK(s.parse({"watch", "a.b.c", "--timeout", "5"}).timeout == 5s);
}

TEST_CASE("precedence: of an option given twice the last counts", "[cli]") {
  CHECK(parse({"resolve", "a.b.c", "--timeout", "1s", "--timeout", "2s"}).timeout == 2s);
}

TEST_CASE("precedence: NO_COLOR is below --color and above the file", "[cli]") {
  const scratch_folder folder;
  scene s;
  s.system_config = folder.file("config.toml", "color = 'always'\n");
  CHECK(s.parse({"resolve", "a.b.c"}).color == cli::color_mode::always);
  s.variables = {{"NO_COLOR", "1"}};
  CHECK(s.parse({"resolve", "a.b.c"}).color == cli::color_mode::never);
  CHECK(s.parse({"resolve", "a.b.c", "--color", "always"}).color == cli::color_mode::always);
  s.variables = {{"NO_COLOR", ""}};
  CHECK(s.parse({"resolve", "a.b.c"}).color == cli::color_mode::always);
}

TEST_CASE("precedence: the servers of zones stand beside those of the file and give way to those named above it",
          "[cli]") {
  const scratch_folder folder;
  scene s;
  s.system_config =
      folder.file("config.toml", "server = ['192.0.2.1']\n[zone.\"corp.example\"]\nserver = ['192.0.2.9']\n");
  const cli::options both = s.parse({"resolve", "a.b.c"});
  REQUIRE(both.server_sets.size() == 2);
  CHECK(both.server_sets[0].domain.is_root());
  CHECK(both.server_sets[1].domain.to_text() == "corp.example.");
  CHECK(servers_of(both, 1) == std::vector<std::string>{"192.0.2.9#53"});

  CHECK(s.parse({"resolve", "a.b.c", "--server", "192.0.2.4"}).server_sets.size() == 1);
  s.variables = {{"SD_CONNECT_SERVER", "192.0.2.5"}};
  CHECK(s.parse({"resolve", "a.b.c"}).server_sets.size() == 1);
}

TEST_CASE("environment: a bad value is a configuration error that names the variable", "[cli]") {
  scene s;
  s.variables = {{"SD_CONNECT_TIMEOUT", "5x"}};
  refusal refused = refusal_of([&] { return s.parse({"resolve", "a.b.c"}); });
  CHECK(refused.code == exit_code::configuration);
  CHECK_THAT(refused.line, Contains("SD_CONNECT_TIMEOUT '5x'"));

  s.variables = {{"SD_CONNECT_SERVER", "192.0.2.1 nonsense"}};
  refused = refusal_of([&] { return s.parse({"resolve", "a.b.c"}); });
  CHECK(refused.code == exit_code::configuration);
  CHECK_THAT(refused.line, Contains("SD_CONNECT_SERVER 'nonsense'"));

  s.variables = {{"SD_CONNECT_SERVER", " , "}, {"SD_CONNECT_TIMEOUT", ""}};
  CHECK(s.parse({"resolve", "a.b.c"}).server_sets.empty());
}

TEST_CASE("configuration file: found by --config, SD_CONNECT_CONFIG, XDG_CONFIG_HOME, HOME, then the system's",
          "[cli]") {
  const scratch_folder folder;
  scene s;
  const auto timeout = [&](const words& more = {}) {
    words given{"resolve", "a.b.c"};
    given.insert(given.end(), more.begin(), more.end());
    return s.parse(given).timeout;
  };
  s.system_config = folder.file("etc.toml", "timeout = '1s'\n");
  folder.file("home/.config/sd-connect/config.toml", "timeout = '2s'\n");
  folder.file("xdg/sd-connect/config.toml", "timeout = '3s'\n");
  const std::string in_environment = folder.file("environment.toml", "timeout = '4s'\n");
  const std::string named = folder.file("named.toml", "timeout = '5s'\n");

  CHECK(timeout() == 1s);
  s.variables["HOME"] = (folder.path() / "home").string();
  CHECK(timeout() == 2s);
  s.variables["XDG_CONFIG_HOME"] = (folder.path() / "xdg").string();
  CHECK(timeout() == 3s);
  s.variables["XDG_CONFIG_HOME"] = "relative/path";  // invalid according to the XDG specification
  CHECK(timeout() == 2s);
  s.variables["SD_CONNECT_CONFIG"] = in_environment;
  CHECK(timeout() == 4s);
  CHECK(timeout({"--config", named.c_str()}) == 5s);
  s.variables["SD_CONNECT_CONFIG"] = "/dev/null";
  CHECK(timeout() == 5s);
}

TEST_CASE("configuration file: one that nobody named and that is there, but cannot be read, ends the program with 78",
          "[cli][fault-K6]") {
  const scratch_folder folder;
  scene s;
  const auto refused_with = [&](const char* reason) {
    const refusal refused = refusal_of([&] { return s.parse({"resolve", "a.b.c"}); });
    CHECK(refused.code == exit_code::configuration);
    CHECK_THAT(refused.line, Contains("cannot read the configuration file: '/") && Contains(reason));
  };
  folder.file("xdg/sd-connect/config.toml/inside", "");
  s.variables["XDG_CONFIG_HOME"] = (folder.path() / "xdg").string();
  refused_with("Is a directory");

  // No process would ever write to it.
  s.system_config = folder.path() / "fifo";
  REQUIRE(mkfifo(s.system_config.c_str(), 0600) == 0);
  s.variables.clear();
  refused_with("Invalid argument");

  // Missing: the file, its folder, the target of a link.
  s.system_config = folder.path() / "none" / "config.toml";
  CHECK_NOTHROW(s.parse({"resolve", "a.b.c"}));
  std::filesystem::create_symlink("nowhere", folder.path() / "dangling");
  s.system_config = folder.path() / "dangling";
  CHECK_NOTHROW(s.parse({"resolve", "a.b.c"}));
}

TEST_CASE("configuration file: one that was named and cannot be read ends the program with 66", "[cli]") {
  scene s;
  const char* file = GENERATE("/nonexistent/x.toml", "/");
  refusal refused = refusal_of([&] { return s.parse({"resolve", "a.b.c", "--config", file}); });
  CHECK(refused.code == exit_code::no_input);
  CHECK_THAT(refused.line, Contains(std::string("--config: '") + file));
  s.variables["SD_CONNECT_CONFIG"] = file;
  refused = refusal_of([&] { return s.parse({"resolve", "a.b.c"}); });
  CHECK(refused.code == exit_code::no_input);
  CHECK_THAT(refused.line, Contains("SD_CONNECT_CONFIG"));
}

TEST_CASE("zone files: unreadable is 66, malformed is 65, with file and line", "[cli]") {
  const scratch_folder folder;
  refusal refused = refusal_of({"resolve", "a.b.c", "--server", "file:/nonexistent/zone"});
  CHECK(refused.code == exit_code::no_input);
  CHECK_THAT(refused.line, Contains("/nonexistent/zone"));

  const std::string file =
      "file:" + folder.file("bad.zone", "$ORIGIN x.y.\n@ 60 IN SOA ns h 1 2 3 4 5\nhost IN A 1.2.3\n");
  refused = refusal_of({"resolve", "a.b.c", "--server", file.c_str()});
  INFO(refused.line);
  CHECK(refused.code == exit_code::data_unusable);
  CHECK_THAT(refused.line, Contains("bad.zone"));
  CHECK_THAT(refused.line, Contains("3"));
}
