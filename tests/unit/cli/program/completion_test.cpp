#include "program/completion.hpp"

#include "sd-connect/sd_connect.hpp"
#include "unit/cli/command_line.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <memory>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using Catch::Matchers::Contains;

namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  REQUIRE(pipe);
  std::string text;
  std::array<char, 4096> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe.get()))
    text.append(buffer.data(), count);
  return text;
}

/// Returns the completions of bash for the last of `words`.
std::string offered(const std::string& words) {
  const scratch_folder folder;
  const std::string script = folder.file("completion.bash", cli::bash_completion(cli::sd_connect()));
  folder.file("here.zone", "");
  const std::string driver = folder.file(
      "driver.bash", "source '" + script + "'\ncd '" + folder.path().string() + "'\nCOMP_WORDS=(" + words +
                         ")\nCOMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))\n_sd_connect\necho \"${COMPREPLY[*]}\"\n");
  return output_of("bash --norc --noprofile '" + driver + "' 2>&1");
}

}  // namespace

TEST_CASE("completion: every command and every option is in each script", "[cli]") {
  for (const std::string& script : {cli::bash_completion(cli::sd_connect()), cli::zsh_completion(cli::sd_connect()),
                                    cli::fish_completion(cli::sd_connect())}) {
    for (const cli::command* c : cli::listed_commands(cli::sd_connect()))
      CHECK_THAT(script, Contains(std::string(c->name)));
    for (const cli::option_spec& spec : cli::sd_connect().options) CHECK_THAT(script, Contains(std::string(spec.name)));
  }
}

TEST_CASE("completion: what bash offers", "[cli]") {
  CHECK(offered("sd-connect re") == "relay resolve\n");
  CHECK(offered("sd-connect --policy = ''") == "rfc2782 weighted ordered least-loaded hash\n");
  CHECK(offered("sd-connect --policy = wei") == "weighted\n");
  CHECK(offered("sd-connect --policy =") == "rfc2782 weighted ordered least-loaded hash\n");
  CHECK(offered("sd-connect '--policy=wei'") == "--policy=weighted\n");  // COMP_WORDBREAKS without =
  CHECK(offered("sd-connect --policy ''") == "rfc2782 weighted ordered least-loaded hash\n");
  CHECK(offered("sd-connect resolve -o j") == "json\n");
  CHECK(offered("sd-connect get --inc") == "--include\n");
  CHECK(offered("sd-connect resolve --inc") == "\n");
  CHECK(offered("sd-connect --time") == "--timeout\n");
  CHECK(offered("sd-connect demo --zone he") == "here.zone\n");
  CHECK(offered("sd-connect browse --zone he") == "\n");
  CHECK(offered("sd-connect --config he") == "here.zone\n");
  CHECK(offered("sd-connect wat") == "watch\n");
  CHECK(offered("sd-connect watch a.b.c --min") == "--min-interval\n");
  CHECK(offered("sd-connect watch a.b.c -n ''") == "\n");
  CHECK(offered("sd-connect pick --req") == "--require-authenticated\n");
  CHECK(offered("sd-connect check a.b.c --check ''") == "tcp http tls exec\n");
  CHECK(offered("sd-connect check a.b.c --exp") == "--expect --explain\n");
  CHECK(offered("sd-connect completion ''") == "bash zsh fish\n");
  CHECK(offered("sd-connect get a.b.c -- --time") == "\n");
}

TEST_CASE("completion: bash knows values from commands, and completes the command behind --", "[cli][fault-O33]") {
  CHECK(offered("sd-connect -z check --exp") == "--explain\n");  // "check" is the zone
  CHECK(offered("sd-connect -o json ''") == offered("sd-connect ''"));
  CHECK(offered("sd-connect --server tls : //192.0.2.1 @ a.example ge") == "get\n");
  CHECK(offered("sd-connect --server 127.0.0.1 : 53") == "\n");
  CHECK(offered("sd-connect --server :: 1 ge") == "get\n");
  CHECK(offered("sd-connect get --policy = hash a.b.c --inc") == "--include\n");
  CHECK(offered("sd-connect a.b.c --inc") == "\n");
  CHECK(offered("sd-connect a.b.c ge") == "\n");
  CHECK(offered("sd-connect exec a.b.c -- compge") == "compgen\n");
  CHECK(offered("sd-connect exec a.b.c --timeout 5s -- cat he") == "here.zone\n");
  CHECK(offered("sd-connect check a.b.c --check exec -- compge") == "compgen\n");
  CHECK(offered("sd-connect get a.b.c -- compge") == "\n");
}

TEST_CASE("completion: each script is in order for its shell", "[cli]") {
  const scratch_folder folder;
  const auto checked = [&](const std::string& shell, const std::string& script) {
    const std::string file = folder.file("completion." + shell, script);
    return output_of(shell + " -n '" + file + "' 2>&1");
  };
  CHECK(checked("bash", cli::bash_completion(cli::sd_connect())).empty());
  CHECK(checked("zsh", cli::zsh_completion(cli::sd_connect())).empty());
  CHECK(checked("fish", cli::fish_completion(cli::sd_connect())).empty());
}

TEST_CASE("completion: what is no shell is refused", "[cli]") {
  const auto refused = [](const words& given) {
    return refusal_of([&] { return cli::run_completion(scene().said(given).value()); });
  };
  CHECK_THAT(refused({"completion"}).line, Contains("no shell"));
  CHECK(refused({"completion"}).code == cli::exit_code::usage);
  CHECK(refused({"completion", "csh"}).line == "no such choice: completion 'csh': bash, zsh or fish");
  CHECK(refused({"completion", "bash", "x"}).line == "unexpected argument: 'x'");
}
