#include "unit/cli/command_line.hpp"

#include "sd-connect/sd_connect.hpp"
#include "support/name_of.hpp"

#include <catch2/catch.hpp>

#include <cctype>
#include <chrono>
#include <string_view>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using cli::exit_code;

namespace {

const char* const a_pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

}  // namespace

TEST_CASE("command line: SERVICE alone is relay, the article's four flags alone are get", "[cli]") {
  const cli::options relay = parse({"_v1._theservice._tcp.unilans.net"});
  CHECK(relay.command == "relay");
  CHECK(relay.query->qname.to_text() == "_v1._theservice._tcp.unilans.net.");

  const cli::options get = parse({"-z", "unilans.net.", "-s", "theService", "-p", "tcp", "-v", "v1"});
  CHECK(get.command == "get");
  CHECK(get.path == "/");
  CHECK(get.query->qname.to_text() == "_theService._tcp.unilans.net.");
  CHECK(get.query->version == "v1");
}

TEST_CASE("command line: the four flags work in every command that takes a service", "[cli]") {
  const char* command = GENERATE("relay", "get", "resolve", "pick", "check");
  INFO(command);
  const cli::options opts = parse({command, "-zunilans.net", "-stheService", "-pudp"});
  CHECK(opts.command == command);
  CHECK(opts.query->qname.to_text() == "_theService._udp.unilans.net.");
}

TEST_CASE("command line: options are accepted before and after the command", "[cli]") {
  for (const words& given : {words{"--timeout", "3s", "--json", "pick", "_a._tcp.x.y", "-n", "5"},
                             words{"pick", "-n5", "_a._tcp.x.y", "--json", "--timeout=3s"},
                             words{"-n", "5", "pick", "--timeout", "3s", "_a._tcp.x.y", "-o", "json"}}) {
    const cli::options opts = parse(given);
    CHECK(opts.command == "pick");
    CHECK(opts.timeout == 3s);
    CHECK(opts.query->timeout == 3s);
    CHECK(opts.picks == 5);
    CHECK(opts.format == cli::output_format::json);
  }
}

TEST_CASE("command line: -- ends the options; behind it nothing is an option or a command", "[cli][fault-L30]") {
  CHECK(parse({"--", "-oProxyCommand.x._tcp.y.z"}).query->qname.to_text() == "-oProxyCommand.x._tcp.y.z.");
  CHECK(parse({"resolve", "--", "--help.x.y"}).query->qname.to_text() == "--help.x.y.");
  CHECK(parse({"get", "--", "a.b.c", "/-x"}).path == "/-x");

  const cli::options exec = parse({"exec", "a.b.c", "--json", "--", "curl", "--json", "--", "{host}"});
  CHECK(exec.format == cli::output_format::json);
  CHECK(exec.command_line == std::vector<std::string>{"curl", "--json", "--", "{host}"});

  const cli::options odd = parse({"exec", "--", "-odd.b.c", "--", "id"});
  CHECK(odd.query->qname.to_text() == "-odd.b.c.");
  CHECK(odd.command_line == std::vector<std::string>{"id"});
}

TEST_CASE("command line: -p and other choices are taken in any letter case", "[cli][fault-O37]") {
  CHECK(parse({"resolve", "-z", "x.y", "-s", "http", "-p", "TCP"}).query->qname.to_text() == "_http._tcp.x.y.");
  CHECK(parse({"resolve", "-z", "x.y", "-s", "http", "-p", "Udp"}).query->qname.to_text() == "_http._udp.x.y.");
  CHECK(parse({"browse", "-z", "x.y", "-s", "http", "-p", "TCP"}).browse_type->to_text() == "_http._tcp.x.y.");
  CHECK(parse({"pick", "a.b.c", "--policy", "Weighted"}).policy == selection_policy::weighted);
  CHECK(parse({"pick", "a.b.c", "-o", "JSON", "--json"}).format == cli::output_format::json);
}

TEST_CASE("command line: narrowing and address families reach the query", "[cli]") {
  const cli::options opts =
      parse({"resolve", "_ipp._tcp.x.y", "--subtype", "_color", "--txt", "paper=A4", "--txt", "duplex", "--instance",
             "My\\032Printer", "--default-port", "631", "-4", "--same-domain"});
  const service_query& query = *opts.query;
  CHECK(query.subtype == "_color");
  CHECK(query.instance == "My Printer");
  REQUIRE(query.txt.size() == 2);
  CHECK(query.txt[0].value == "A4");
  CHECK_FALSE(query.txt[1].value);
  CHECK(query.default_port == 631);
  CHECK(query.same_domain);
  CHECK((query.want_ipv4 && !query.want_ipv6));

  const cli::options only_v6 = parse({"resolve", "a.b.c", "-6"});
  CHECK((!only_v6.query->want_ipv4 && only_v6.query->want_ipv6));
  const cli::options both = parse({"resolve", "a.b.c", "-46"});
  CHECK((both.query->want_ipv4 && both.query->want_ipv6));
}

TEST_CASE("command line: --same-domain may name the domain, and takes no word behind it", "[cli][fault-O18]") {
  const cli::options bare = parse({"resolve", "--same-domain", "a.b.c"});
  CHECK(bare.query->same_domain);
  CHECK_FALSE(bare.query->allowed_domain);
  CHECK(bare.query->qname == name_of("a.b.c"));
  const cli::options named = parse({"resolve", "--same-domain=x.example.net.", "a.b.c"});
  CHECK(named.query->same_domain);
  CHECK(named.query->allowed_domain == name_of("x.example.net"));
  CHECK(parse({"browse", "-z", "b.c", "--same-domain=c"}).allowed_domain == name_of("c"));
  CHECK_THAT(refusal_of({"resolve", "a.b.c", "--same-domain=x..y"}).line, Contains("--same-domain 'x..y'"));
  CHECK_THAT(refusal_of({"resolve", "a.b.c", "--same-domain", "b.c"}).line, Contains("--same-domain=DOMAIN"));

  scene s;
  const scratch_folder folder;
  s.system_config = folder.file("config.toml", "same-domain = 'x.example.net'\n");
  CHECK(s.parse({"resolve", "a.b.c"}).query->allowed_domain == name_of("x.example.net"));
  CHECK_FALSE(s.parse({"resolve", "a.b.c", "--same-domain"}).query->allowed_domain);
  s.system_config = folder.file("config.toml", "same-domain = false\n");
  CHECK_FALSE(s.parse({"resolve", "a.b.c"}).query->same_domain);
}

TEST_CASE("command line: TXT records are asked for only where they are shown or matched", "[cli]") {
  CHECK(parse({"resolve", "a.b.c"}).query->want_txt.value());
  CHECK(parse({"exec", "a.b.c", "--", "id"}).query->want_txt.value());
  CHECK_FALSE(parse({"get", "a.b.c"}).query->want_txt.value());
  CHECK_FALSE(parse({"pick", "a.b.c"}).query->want_txt.value());
  CHECK(parse({"watch", "a.b.c"}).query->want_txt.value());
}

TEST_CASE("command line: name servers in all their spellings", "[cli]") {
  const cli::options opts = parse({"resolve", "a.b.c", "--server", "127.0.0.1", "--server", "127.0.0.1#5353",
                                   "--server", "[::1]#5353", "--server", "127.0.0.2:54", "--server", "[::1]"});
  REQUIRE(opts.server_sets.size() == 1);
  CHECK(opts.server_sets[0].domain.is_root());
  std::vector<std::string> labels;
  for (const name_server& server : opts.server_sets[0].servers) labels.push_back(server.label);
  CHECK(labels == std::vector<std::string>{"127.0.0.1#53", "127.0.0.1#5353", "::1#5353", "127.0.0.2#54", "::1#53"});
}

TEST_CASE("command line: tls:// servers, and whom --ca and --tls-pin say they must be", "[cli][tls]") {
  const cli::options opts =
      parse({"resolve", "a.b.c", "--server", "tls://192.0.2.1@dns.example.com", "--server", "tls://[2001:db8::1]:8853",
             "--server", "192.0.2.2", "--tls-pin", a_pin, "--tls-pin", a_pin});
  const std::vector<name_server>& servers = opts.server_sets.at(0).servers;
  REQUIRE(servers.size() == 3);
  CHECK(servers[0].label == "tls://192.0.2.1#853@dns.example.com");
  CHECK(servers[0].tls->server_name == "dns.example.com");
  CHECK(servers[0].tls->pins.size() == 2);
  CHECK(servers[1].label == "tls://2001:db8::1#8853");
  CHECK(servers[1].tls->server_name.empty());
  CHECK_FALSE(servers[2].tls);

  const refusal no_file = refusal_of({"pick", "a.b.c", "--server", "tls://192.0.2.1", "--ca", "/does/not/exist"});
  CHECK(no_file.code == exit_code::no_input);
  CHECK_THAT(no_file.line, Contains("cannot use the CA file: '/does/not/exist'"));
}

TEST_CASE("command line: every policy, and the key that hash goes by", "[cli]") {
  CHECK(parse({"pick", "a.b.c", "--policy", "least-loaded"}).policy == selection_policy::least_loaded);
  CHECK_FALSE(parse({"a.b.c", "--policy=hash"}).hash_key);
  const cli::options keyed = parse({"get", "a.b.c", "--policy=hash", "--hash-key", "user 42"});
  CHECK(keyed.policy == selection_policy::hash);
  CHECK(keyed.hash_key == "user 42");

  // A file may contain a key for users who choose hash.
  scene s;
  const scratch_folder folder;
  s.system_config = folder.file("config.toml", "hash-key = 'here'\n");
  CHECK_FALSE(s.parse({"pick", "a.b.c"}).hash_key);
  CHECK(s.parse({"pick", "a.b.c", "--policy=hash"}).hash_key == "here");
}

TEST_CASE("command line: bad names are usage errors that name the argument, long ones cut short", "[cli][fault-N9]") {
  const std::string long_label(64, 'a');
  const std::string long_name = std::string(300, 'a');
  std::string dotted;
  while (dotted.size() < 300) dotted += "aaaaaaaaa.";
  const std::string huge(100'000, 'x');
  for (const std::string& name :
       {std::string(""), std::string(".."), std::string("."), std::string(".a.b"), std::string("a..b"),
        long_label + ".b", long_name + ".b", dotted, huge + ".y", std::string("a\\9.b")}) {
    const refusal refused = refusal_of({"resolve", name.c_str()});
    INFO(refused.line);
    CHECK(refused.code == exit_code::usage);
    CHECK_THAT(refused.line, Contains("SERVICE '"));
    CHECK(refused.line.size() < 300);
  }
}

TEST_CASE("command line: bad input is a usage error that names the argument", "[cli][fault-O37]") {
  struct row {
    words given;
    const char* expected;
  };
  for (const row& r : {
           row{{}, "nothing to do"},
           row{{"-q"}, "no SERVICE"},
           row{{"get"}, "no SERVICE: get"},
           row{{"bogus"}, "neither a command nor a service name: 'bogus'"},
           row{{"a.b.c", "extra"}, "unexpected argument: 'extra'"},
           row{{"resolve", "a.b.c", "d.e.f"}, "unexpected argument: 'd.e.f'"},
           row{{"exec", "a.b.c", "id"}, "put -- before the command"},
           row{{"exec", "a.b.c"}, "no command to run"},
           row{{"exec", "a.b.c", "--"}, "no command to run"},
           row{{"resolve", "a.b.c", "--bogus"}, "no such option: '--bogus'"},
           row{{"resolve", "a.b.c", "-Z"}, "no such option: '-Z'"},
           row{{"resolve", "a.b.c", "-n", "3"}, "not an option of resolve: --count"},
           row{{"relay", "a.b.c", "--tls"},
               "not an option of relay: --tls: an option of get, check; see sd-connect relay"},
           row{{"demo", "-s", "x"}, "not an option of demo: --service"},
           row{{"resolve", "a.b.c", "--timeout"}, "no value: '--timeout'"},
           row{{"resolve", "a.b.c", "--timeout", "5x"}, "not a duration: --timeout '5x': seconds, or a number with ms"},
           row{{"resolve", "a.b.c", "--timeout", "soon"}, "not a duration: --timeout 'soon'"},
           row{{"resolve", "a.b.c", "--connect-timeout", "0s"}, "no time at all: --connect-timeout '0s'"},
           row{{"resolve", "a.b.c", "--policy", "random"}, "--policy 'random'"},
           row{{"resolve", "a.b.c", "--seed", "-1"}, "not a number: --seed '-1'"},
           row{{"resolve", "a.b.c", "--color", "pink"}, "--color 'pink': auto, always or never"},
           row{{"resolve", "a.b.c", "-o", "xml"}, "--output 'xml': table, json, csv or short"},
           row{{"resolve", "a.b.c", "--json", "-o", "csv"}, "two output formats"},
           row{{"resolve", "a.b.c", "--json=yes"}, "takes no value: '--json'"},
           row{{"resolve", "a.b.c", "--default-port", "65536"}, "out of range: --default-port '65536'"},
           row{{"resolve", "a.b.c", "--default-port", "0"}, "out of range: --default-port"},
           row{{"resolve", "a.b.c", "--txt", "=x"}, "not a TXT condition: --txt '=x'"},
           row{{"resolve", "a.b.c", "--instance", ""}, "empty value: --instance"},
           row{{"resolve", "a.b.c", "--subtype", ""}, "empty value: --subtype"},
           row{{"resolve", "a.b.c", "--same-domain="}, "no value: '--same-domain'"},
           row{{"resolve", "a.b.c", "--json="}, "takes no value: '--json'"},
           row{{"demo", "--zone", ""}, "empty value: --zone"},
           row{{"resolve", "a.b.c", "--server", "ns1.example.com"}, "not a name server: --server 'ns1.example.com'"},
           row{{"resolve", "a.b.c", "--server", "010.0.0.1"}, "not a name server"},
           row{{"resolve", "a.b.c", "--server", "0.0.0.0"}, "no server can have this address"},
           row{{"resolve", "a.b.c", "--server", "224.0.0.251#5353"}, "no server can have this address"},
           row{{"pick", "a.b.c", "--hash-key", "x"}, "makes no sense without --policy hash: --hash-key"},
           row{{"pick", "a.b.c", "--policy=hash", "--hash-key", ""}, "empty value: --hash-key"},
           row{{"pick", "a.b.c", "--policy=least-loaded", "-n", "10000001"}, "out of range: --count"},
           row{{"pick", "a.b.c", "-n", "0"}, "out of range: --count '0'"},
           row{{"pick", "a.b.c", "-n", "-5"}, "not a number: --count '-5'"},
           row{{"-z", "x.y"}, "incomplete service: without -s NAME"},
           row{{"-s", "http", "-p", "tcp"}, "incomplete service: without -z ZONE"},
           row{{"-z", "x.y", "-s", "http"}, "incomplete service: without -p tcp|udp"},
           row{{"-z", "x.y", "-s", "http", "-p", "sctp"}, "no such choice: --protocol 'sctp': tcp or udp"},
           row{{"-z", "x..y", "-s", "http", "-p", "tcp"}, "--zone 'x..y'"},
           row{{"-z", "x.y", "-s", "", "-p", "tcp"}, "empty value: --service"},
           row{{"get", "a.b.c", "--ca", "x.pem"}, "makes no sense without --tls or a tls:// name server: --ca"},
           row{{"resolve", "a.b.c", "--ca", "x.pem"}, "makes no sense without --tls or a tls:// name server: --ca"},
           row{{"get", "a.b.c", "--tls", "--ca", ""}, "empty value: --ca"},
           row{{"get", "a.b.c", "--tls", "--tls-name", "x:443"},
               "not a host name: --tls-name 'x:443': NAME or an IP address"},
           row{{"check", "a.b.c", "--check", "tls", "--tls-name", "https://x/"}, "not a host name: --tls-name"},
           row{{"exec", "a.b.c", "--next-on-failure", "--socks", "--", "id"},
               "makes no sense without --proxy: --socks"},
           row{{"exec", "a.b.c", "--map", "a=_b._tcp.c", "--", "id"}, "makes no sense without --proxy: --map"},
           row{{"exec", "--proxy", "-z", "x.y", "-s", "http", "-p", "tcp", "--", "id"},
               "makes no sense with --proxy: --zone"},
           row{{"exec", "--proxy", "a.b.c", "--next-on-failure", "--", "id"},
               "makes no sense with --proxy: --next-on-failure"},
           row{{"pick", "a.b.c", "--tls-pin", a_pin}, "makes no sense without a tls:// name server: --tls-pin"},
           row{{"pick", "a.b.c", "--tls-pin", "sha256//x"}, "not a pin of a public key: --tls-pin 'sha256//x'"},
           row{{"pick", "a.b.c", "--server", "tls://x"}, "not a name server: --server 'tls://x'"},
           row{{"pick", "a.b.c", "--server", "tls://0.0.0.0"}, "no server can have this address"},
           row{{"pick", "a.b.c", "--server", "tls://192.0.2.1@"}, "host name for a name server's certificate"},
           row{{"browse"}, "nothing to browse"},
           row{{"browse", "_http._tcp"}, "service type without domain"},
           row{{"browse", "example.com"}, "not a service type"},
           row{{"browse", "--domains", "-z", "x.y", "_a._tcp"}, "--domains takes no TYPE"},
           row{{"browse", "-z", "x.y", "--txt", "a"}, "--txt needs a TYPE"},
           row{{"browse", "-z", "x.y", "--instance", "a"}, "--instance needs a TYPE"},
           row{{"browse", "--domains", "-v", "1"}, "--service-version needs a TYPE"},
           row{{"browse", "_a._tcp.x.y", "--txt", "=a"}, "not a TXT condition: --txt '=a'"},
           row{{"watch"}, "no SERVICE: watch"},
           row{{"watch", "a.b.c", "-n", "0"}, "out of range: --count '0'"},
           row{{"watch", "a.b.c", "--min-interval", "0s"}, "no time at all: --min-interval '0s'"},
           row{{"resolve", "a.b.c", "--min-interval", "1s"}, "not an option of resolve: --min-interval"},
           row{{"browse", "-z", "x.y", "--subtype", "s"}, "--subtype needs a TYPE"},
       }) {
    const refusal refused = refusal_of(r.given);
    INFO(r.expected);
    CHECK(refused.code == exit_code::usage);
    CHECK_THAT(refused.line, Contains(r.expected));
  }
}

TEST_CASE("command line: control characters of arguments do not reach the message", "[cli]") {
  const refusal refused = refusal_of({"resolve", "a\x1b[31m..b\r\nc"});
  CHECK(refused.code == exit_code::usage);
  CHECK_THAT(refused.line, Contains("a\\027[31m..b\\013\\010c"));
}

TEST_CASE("command line: --zone of demo is a file", "[cli]") {
  const cli::options opts = parse({"demo", "--once", "--zone", "my.zone"});
  CHECK(opts.once);
  CHECK(opts.zone_file == "my.zone");
}

TEST_CASE("command line: help and version print and do nothing else", "[cli]") {
  scene s;
  CHECK_FALSE(s.parse_or_print({"--version"}));
  CHECK_THAT(s.printed, Catch::Matchers::StartsWith("sd-connect "));

  for (const cli::command& c : cli::sd_connect().commands) {
    if (c.name == cli::help_command) continue;
    s.printed.clear();
    CHECK_FALSE(s.parse_or_print({c.name.data(), "--help"}));
    INFO(s.printed);
    CHECK_THAT(s.printed, Contains("sd-connect " + std::string(c.name)));
    CHECK_THAT(s.printed, Contains("--timeout"));
    CHECK((s.printed.find("--include") != std::string::npos) == (c.name == "get"));
  }
  s.printed.clear();
  CHECK_FALSE(s.parse_or_print({"-h"}));
  CHECK_THAT(s.printed, Contains("Commands:"));
}

TEST_CASE("command line: the help has no identifiers of the code", "[cli]") {
  const auto has_identifier = [](std::string_view text) {
    for (std::size_t at = text.find('_'); at != text.npos; at = text.find('_', at + 1)) {
      if (at > 0 && std::islower(static_cast<unsigned char>(text[at - 1])) != 0) return true;
    }
    return false;
  };
  for (const cli::command& c : cli::sd_connect().commands) CHECK_FALSE(has_identifier(c.summary));
  for (const cli::option_spec& option : cli::sd_connect().options) {
    INFO(option.name);
    CHECK_FALSE(has_identifier(option.help));
  }
}
