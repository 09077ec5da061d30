#include "program/help.hpp"

#include "program/manual.hpp"
#include "program/wrap.hpp"
#include "sd-connect/sd_connect.hpp"
#include "unit/cli/command_line.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> too_long(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end - at > cli::page_width) lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string printed_by(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  REQUIRE(pipe);
  std::string text;
  std::array<char, 4096> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe.get()))
    text.append(buffer.data(), count);
  return text;
}

/// The page as a terminal shows it: bold and underlined characters come as X, backspace, X.
std::string shown(const std::string& file) {
  std::string text = printed_by("mandoc -T ascii '" + file + "'");
  for (std::size_t at = text.find('\b'); at != std::string::npos; at = text.find('\b')) text.erase(at - 1, 2);
  return text;
}

}  // namespace

TEST_CASE("help: every text fits 80 columns, and shows an example", "[cli][fault-O33]") {
  const cli::description& program = cli::sd_connect();
  CHECK(too_long(cli::help_text(program, {})) == std::vector<std::string>());
  CHECK_THAT(cli::help_text(program, {}), Contains("Example:\n  sd-connect "));
  for (const cli::command* c : cli::listed_commands(program)) {
    INFO(c->name);
    const std::string text = cli::help_text(program, c->name);
    CHECK(too_long(text) == std::vector<std::string>());
    CHECK_THAT(text, Contains("Example:\n  "));
  }
}

TEST_CASE("help: the examples are valid command lines", "[cli]") {
  for (const cli::command* c : cli::listed_commands(cli::sd_connect())) {
    std::string_view rest = c->examples;
    while (!rest.empty()) {
      std::string line(rest.substr(0, rest.find('\n')));
      rest.remove_prefix(line.size() + 1);
      INFO(line);
      const std::string start = "sd-connect ";
      if (!line.starts_with(start)) continue;  // another program calls this one
      std::replace(line.begin(), line.end(), ' ', '\0');
      words given;
      for (std::size_t at = start.size(); at < line.size(); at += std::string_view(line.c_str() + at).size() + 1)
        given.push_back(line.c_str() + at);
      if (c->name == "help") {
        CHECK_FALSE(scene().parse_or_print(given));
      } else {
        CHECK(scene().parse(given).command == c->name);
      }
    }
  }
}

TEST_CASE("help: a hidden command works and is nowhere listed", "[cli]") {
  CHECK(cli::help_text(cli::sd_connect(), {}).find("manual") == std::string::npos);
  CHECK(scene().said({"manual", "1"})->command == "manual");
}

TEST_CASE("wrap: lines break at blanks; a long word stands alone", "[cli]") {
  using lines = std::vector<std::string_view>;
  CHECK(cli::wrapped("one two three", 7) == lines{"one two", "three"});
  CHECK(cli::wrapped("one two three", 8) == lines{"one two", "three"});
  CHECK(cli::wrapped("one", 3) == lines{"one"});
  CHECK(cli::wrapped("a verylongword b", 4) == lines{"a", "verylongword", "b"});
  CHECK(cli::wrapped("", 4).empty());
}

TEST_CASE("manual: both pages have every option, and mandoc and groff find nothing to say", "[cli][fault-O33]") {
  const cli::description& program = cli::sd_connect();
  const scratch_folder folder;
  const std::string program_page = cli::program_page(program);
  const std::string config_page = cli::config_page(program);
  for (const auto& [name, page] : {std::pair("sd-connect.1", program_page), {"sd-connect.toml.5", config_page}}) {
    const std::string file = folder.file(name, page);
    CHECK(printed_by("mandoc -T lint '" + file + "' 2>&1") == "");
    CHECK(printed_by("groff -man -ww -z '" + file + "' 2>&1") == "");
  }
  const std::string commands = shown(folder.file("1", program_page));
  for (const cli::command* c : cli::listed_commands(program)) CHECK_THAT(commands, Contains(std::string(c->name)));
  for (const cli::option_spec& spec : program.options) CHECK_THAT(commands, Contains("--" + std::string(spec.name)));
  CHECK_THAT(commands, Contains("http://{addrport}/"));
  const std::string keys = shown(folder.file("5", config_page));
  for (const cli::option_spec& spec : program.options) {
    if (spec.in_config) CHECK_THAT(keys, Contains(std::string(spec.name) + " = "));
  }
}
