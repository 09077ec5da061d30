#include "program/spelling.hpp"

#include "unit/cli/command_line.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using Catch::Matchers::Contains;
using cli::exit_code;

TEST_CASE("spelling: letters to insert, remove, replace or swap", "[cli][fault-O37]") {
  CHECK(cli::edit_distance("", "abc") == 3);
  CHECK(cli::edit_distance("abc", "") == 3);
  CHECK(cli::edit_distance("resolve", "resolve") == 0);
  CHECK(cli::edit_distance("reslove", "resolve") == 1);
  CHECK(cli::edit_distance("jsn", "json") == 1);
  CHECK(cli::edit_distance("JSON", "json") == 0);
  CHECK(cli::edit_distance("kitten", "sitting") == 3);
  CHECK(cli::edit_distance("ca", "abc") == 3);  // no letter is changed after a swap
}

TEST_CASE("spelling: the nearest word, and none that is another word", "[cli][fault-O37]") {
  constexpr std::array<std::string_view, 6> commands{"get", "resolve", "browse", "pick", "watch", "check"};
  CHECK(cli::nearest("reslove", commands) == "resolve");
  CHECK(cli::nearest("res", commands) == "resolve");
  CHECK(cli::nearest("chek", commands) == "check");
  CHECK(cli::nearest("Browse", commands) == "browse");
  CHECK(cli::nearest("got", commands) == "get");
  for (const std::string_view word : {"", "x", "localhost", "printer", "put", "ab"}) {
    INFO(word);
    CHECK(cli::nearest(word, commands).empty());
  }
  CHECK(cli::nearest(std::string(100'000, 'r'), commands).empty());
}

TEST_CASE("command line: did you mean", "[cli][fault-O37]") {
  const auto line = [](const words& given) {
    const refusal refused = refusal_of(given);
    CHECK(refused.code == exit_code::usage);
    return refused.line;
  };
  CHECK_THAT(line({"reslove", "_x._tcp.y.z"}), Contains("'reslove': did you mean 'resolve'? see sd-connect --help"));
  CHECK_THAT(line({"reslove", "-z", "y.z", "-s", "x", "-p", "tcp"}), Contains("did you mean 'resolve'?"));
  CHECK_THAT(line({"bogus"}), Contains("'bogus': see sd-connect --help"));
  CHECK_THAT(line({"resolve", "_x._tcp.y.z", "--jsn"}),
             Contains("no such option: '--jsn': did you mean '--json'? see sd-connect resolve --help"));
  CHECK_THAT(line({"resolve", "_x._tcp.y.z", "--timout=5"}), Contains("did you mean '--timeout'?"));
  CHECK_THAT(line({"resolve", "_x._tcp.y.z", "-json"}), Contains("did you mean '--json'?"));
  CHECK_THAT(line({"resolve", "_x._tcp.y.z", "--random"}), Contains("did you mean '--randomize-case'?"));
  CHECK_THAT(line({"resolve", "_x._tcp.y.z", "--xyzzy"}), Contains("'--xyzzy': see sd-connect resolve --help"));
  CHECK_THAT(line({"help", "gett"}), Contains("did you mean 'get'?"));
}

TEST_CASE("command line: help, and help of a command", "[cli][fault-O37]") {
  const auto printed = [](const words& given) {
    scene s;
    s.variables["SD_CONNECT_CONFIG"] = "/nonexistent/config.toml";  // help needs no configuration
    CHECK_FALSE(s.parse_or_print(given));
    return s.printed;
  };
  CHECK(printed({"help"}) == printed({"--help"}));
  CHECK(printed({"help", "get"}) == printed({"get", "--help"}));
  CHECK(printed({"help", "help"}) == printed({"--help"}));
  CHECK_THAT(printed({"--help"}), Contains("help [COMMAND]"));
}

TEST_CASE("command line: a word that begins with @ is a name server, as in dig", "[cli]") {
  for (const words& given :
       {words{"resolve", "@127.0.0.1", "a.b.c"}, words{"resolve", "a.b.c", "@127.0.0.1"},
        words{"@127.0.0.1", "resolve", "a.b.c"}, words{"@127.0.0.1", "a.b.c"},
        words{"get", "a.b.c", "/x", "@127.0.0.1"}, words{"exec", "@127.0.0.1", "a.b.c", "--", "cat", "@file"}}) {
    const cli::options opts = parse(given);
    REQUIRE(opts.server_sets.size() == 1);
    CHECK(opts.server_sets[0].servers.at(0).label == "127.0.0.1#53");
    CHECK(opts.query->qname.to_text() == "a.b.c.");
  }
  const cli::options several = parse({"resolve", "@127.0.0.1#5353", "a.b.c", "--server", "127.0.0.2", "@[::1]"});
  CHECK(several.server_sets.at(0).servers.size() == 3);
  CHECK(parse({"exec", "a.b.c", "--", "cat", "@file"}).command_line.back() == "@file");
  CHECK(parse({"resolve", "--", "@home._x._tcp.y.z"}).query->qname.first_label() == "@home");
  CHECK(parse({"resolve", "\\@home._x._tcp.y.z"}).query->qname.first_label() == "@home");
  const refusal refused = refusal_of({"resolve", "a.b.c", "@ns1.example.com"});
  CHECK(refused.code == exit_code::usage);
  CHECK_THAT(refused.line, Contains("not a name server: @server 'ns1.example.com'"));
  CHECK(refusal_of({"resolve", "a.b.c", "@"}).code == exit_code::usage);
}
