// resolv.conf(5) as found on real machines, and invalid files.
#include "sdconnect/transport/resolv_conf.hpp"

#include "support/scratch_folder.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <net/if.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

using strings = std::vector<std::string>;

strings servers_of(const resolv_conf& conf) {
  strings out;
  for (const server_address& server : conf.servers) out.push_back(server.to_text());
  return out;
}

strings servers_of(std::string_view text) { return servers_of(resolv_conf::parse(text)); }

TEST_CASE("resolv_conf: name servers in order, three at most", "[transport][rfc-check-64][fault-K10]") {
  CHECK(servers_of("nameserver 127.0.0.53\n") == strings{"127.0.0.53#53"});
  const resolv_conf conf =
      resolv_conf::parse("nameserver 192.0.2.1\nnameserver 2001:db8::1\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n");
  CHECK(servers_of(conf) == strings{"192.0.2.1#53", "2001:db8::1#53", "192.0.2.3#53"});
  CHECK(conf.warnings == strings{"line 4: more than three name servers, not used: 192.0.2.4"});
}

TEST_CASE("resolv_conf: defaults are those of resolver(5)", "[transport][rfc-check-64][fault-K6]") {
  const resolv_conf conf = resolv_conf::parse("");
  CHECK(servers_of(conf) == strings{"127.0.0.1#53"});
  CHECK(conf.timeout == 5s);
  CHECK(conf.attempts == 2);
  CHECK_FALSE(conf.rotate);
  CHECK_FALSE(conf.use_vc);
  CHECK_FALSE(conf.trust_ad);
  CHECK_FALSE(conf.no_reload);
  CHECK(conf.names_no_server);
  CHECK(conf.search.empty());
  CHECK(conf.warnings.empty());
}

TEST_CASE("resolv_conf: forms of a line", "[transport][fault-K2][fault-K4][fault-K5]") {
  const auto [what, text, servers, warnings] = GENERATE(table<std::string, std::string, strings, std::size_t>({
      {"no final newline", "nameserver 192.0.2.1", {"192.0.2.1#53"}, 0},
      {"CRLF", "nameserver 192.0.2.1\r\nnameserver 192.0.2.2\r\n", {"192.0.2.1#53", "192.0.2.2#53"}, 0},
      {"tabs", "nameserver\t\t192.0.2.1\t\n", {"192.0.2.1#53"}, 0},
      {"comment behind", "nameserver 192.0.2.1 # office\n", {"192.0.2.1#53"}, 0},
      {"comments", "#nameserver 192.0.2.1\n;nameserver 192.0.2.2\n# nameserver 192.0.2.3\n", {"127.0.0.1#53"}, 0},
      {"comment behind a blank", "  # nameserver 192.0.2.1\n", {"127.0.0.1#53"}, 0},
      {"no blank", "nameserver192.0.2.1\n", {"127.0.0.1#53"}, 1},
      {"no address", "nameserver\nnameserver 192.0.2.2\n", {"192.0.2.2#53"}, 1},
      {"a name", "nameserver dns.example.com\nnameserver 192.0.2.2\n", {"192.0.2.2#53"}, 1},
      {"three numbers", "nameserver 1.2.3\nnameserver 192.0.2.2\n", {"192.0.2.2#53"}, 1},
      {"octal", "nameserver 010.0.0.1\nnameserver 192.0.2.2\n", {"192.0.2.2#53"}, 1},
      {"with port", "nameserver 192.0.2.1#53\nnameserver 192.0.2.2\n", {"192.0.2.2#53"}, 1},
      {"NUL", "nameserver 192.0.2.1\0\nnameserver 192.0.2.2\n"s, {"192.0.2.2#53"}, 1},
      {"only NUL", std::string(1000, '\0'), {"127.0.0.1#53"}, 0},
      {"not in the first column", " nameserver 192.0.2.1\n\tnameserver 192.0.2.2\n", {"127.0.0.1#53"}, 2},
      {"a blank line of blanks", " \t \nnameserver 192.0.2.1\n", {"192.0.2.1#53"}, 0},
      {"comment at the address", "nameserver 192.0.2.1#office\nnameserver 192.0.2.2\n", {"192.0.2.2#53"}, 1},
      {"a second address", "nameserver 192.0.2.1 192.0.2.2\n", {"192.0.2.1#53"}, 0},
      {"the same twice", "nameserver 192.0.2.1\nnameserver 192.0.2.1\n", {"192.0.2.1#53", "192.0.2.1#53"}, 0},
      {"inet_aton's forms", "nameserver 127.1\nnameserver 0x7f000001\n", {"127.0.0.1#53"}, 2},
      {"only CR", "nameserver 192.0.2.1\rnameserver 192.0.2.2\r", {"192.0.2.1#53"}, 0},
      {"byte order mark", "\xef\xbb\xbfnameserver 192.0.2.1\n", {"127.0.0.1#53"}, 0},
      {"other keywords",
       "search a b\ndomain x\nsortlist 1\nlookup file bind\nfamily inet6\nNameserver 192.0.2.1\n",
       {"127.0.0.1#53"},
       0},
  }));
  CAPTURE(what);
  const resolv_conf conf = resolv_conf::parse(text);
  CHECK(servers_of(conf) == servers);
  CHECK(conf.warnings.size() == warnings);
}

TEST_CASE("resolv_conf: a link-local server has a scope, by number or by name", "[transport][rfc4007]") {
  CHECK(servers_of("nameserver fe80::1%7\n") == strings{"fe80::1%7#53"});
  const std::string loopback = std::to_string(if_nametoindex("lo"));
  CHECK(servers_of("nameserver fe80::1%lo # router\n") == strings{"fe80::1%" + loopback + "#53"});
  CHECK(servers_of("nameserver fe80::1\n") == strings{"fe80::1#53"});

  const std::string address = GENERATE("fe80::1%nosuch0", "fe80::1%", "fe80::1%0", "2001:db8::1%2");
  const resolv_conf conf = resolv_conf::parse("nameserver " + address + "\nnameserver 192.0.2.2\n");
  CHECK(servers_of(conf) == strings{"192.0.2.2#53"});
  CHECK(conf.warnings == strings{"line 1: no such interface: " + address});
}

TEST_CASE("resolv_conf: an unspecified address is this host, one that cannot answer is refused",
          "[transport][fault-K11]") {
  CHECK(servers_of("nameserver 0.0.0.0\nnameserver ::\n") == strings{"127.0.0.1#53", "::1#53"});
  const std::string address = GENERATE("224.0.0.251", "255.255.255.255", "ff02::fb", "::ffff:224.0.0.1", "0.0.0.1");
  const resolv_conf conf = resolv_conf::parse("nameserver " + address + "\nnameserver 192.0.2.2\n");
  CHECK(servers_of(conf) == strings{"192.0.2.2#53"});
  CHECK(conf.warnings == strings{"line 1: not the address of a name server: " + address});
}

TEST_CASE("resolv_conf: options are clamped, unknown ones ignored", "[transport][rfc-check-64][fault-K8]") {
  const auto [options, timeout, attempts] = GENERATE(table<std::string, std::chrono::seconds, unsigned>({
      {"timeout:3 attempts:4", 3s, 4},
      {"timeout:0 attempts:0", 1s, 1},
      {"timeout:31 attempts:6", 30s, 5},
      {"timeout:99999999999999999999 attempts:99999999999999999999", 30s, 5},
      {"timeout: attempts:", 5s, 2},
      {"timeout:-1 attempts:x", 5s, 2},
      {"timeout:3x attempts:3.5", 5s, 2},
      {"timeout attempts", 5s, 2},
      {"timeout:3 timeout:4", 4s, 2},
      {"ndots:99999 edns0 no-tld-query inet6 timeout:7", 7s, 2},
  }));
  CAPTURE(options);
  const resolv_conf conf = resolv_conf::parse("options " + options + "\n");
  CHECK(conf.timeout == timeout);
  CHECK(conf.attempts == attempts);
  CHECK(conf.warnings.empty());
}

TEST_CASE("resolv_conf: ndots is 0 to 15, 1 when not said", "[transport][rfc-check-64][fault-K8]") {
  const auto [options, ndots] = GENERATE(table<std::string, unsigned>(
      {{"", 1}, {"ndots:0", 0}, {"ndots:15", 15}, {"ndots:16", 15}, {"ndots:99999", 15}, {"ndots:-1", 1}}));
  CAPTURE(options);
  CHECK(resolv_conf::parse("options " + options).ndots == ndots);
}

TEST_CASE("resolv_conf: the last search or domain line counts, and changes nothing for service names",
          "[transport][rfc-check-64][fault-K9]") {
  const auto [text, search] = GENERATE(table<std::string, strings>({
      {"search a.example b.example\n", {"a.example", "b.example"}},
      {"search a\tb\r\n", {"a", "b"}},
      {"domain a.example b.example\n", {"a.example"}},
      {"search a b\ndomain c\n", {"c"}},
      {"domain c\nsearch a b\n", {"a", "b"}},
      {"search a b\nsearch\n", {"a", "b"}},
      {"search a # b\n", {"a", "#", "b"}},  // not a comment, as in glibc
      {"search \x1b[2J\n", {"\\027[2J"}},
      {"searcha b\n search a\n#search a\n", {}},
  }));
  CAPTURE(text);
  CHECK(resolv_conf::parse(text).search == search);

  std::string hundred = "search";
  for (int i = 0; i < 101; ++i) hundred += " d" + std::to_string(i) + ".example";
  const resolv_conf conf = resolv_conf::parse(hundred + "\noptions ndots:15\n");
  CHECK(conf.search.size() == 100);
  const dns_client_options with = options_from(conf);
  REQUIRE(with.server_sets.size() == 1);
  CHECK(with.server_sets[0].domain.is_root());
}

TEST_CASE("resolv_conf: RES_OPTIONS is read behind the file, LOCALDOMAIN replaces its search list",
          "[transport][fault-K13]") {
  const std::string text = "search a b\noptions timeout:2 attempts:4\n";
  const resolv_conf conf = resolv_conf::parse(text, {.options = "timeout:3 rotate\ttrust-ad", .local_domain = "c d"});
  CHECK(conf.timeout == 3s);
  CHECK(conf.attempts == 4);
  CHECK(conf.rotate);
  CHECK(conf.trust_ad);
  CHECK(conf.search == strings{"c", "d"});
  CHECK(resolv_conf::parse(text, {.options = {}, .local_domain = ""}).search.empty());
  CHECK(resolv_conf::parse(text, {}).search == strings{"a", "b"});
}

TEST_CASE("resolv_conf: the environment is that of the process", "[transport][fault-K13]") {
  const scratch_folder folder;
  const std::filesystem::path file = folder.file("conf", "nameserver 192.0.2.1\nsearch a\n");
  REQUIRE(setenv("RES_OPTIONS", "attempts:5", 1) == 0);
  REQUIRE(setenv("LOCALDOMAIN", "b", 1) == 0);
  const resolv_conf amended = resolv_conf::load(file).value();
  REQUIRE(unsetenv("RES_OPTIONS") == 0);
  REQUIRE(unsetenv("LOCALDOMAIN") == 0);
  CHECK(amended.attempts == 5);
  CHECK(amended.search == strings{"b"});
  CHECK(resolv_conf::load(file).value().attempts == 2);
  CHECK(resolv_environment::of_process() == resolv_environment());
}

TEST_CASE("resolver: the library asks the environment only in a way that a set-user-ID program may",
          "[transport][fault-K16]") {
  std::size_t files = 0;
  std::size_t safe = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(PROJECT_SOURCE_DIR "/resolver")) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    CAPTURE(entry.path());
    for (std::size_t at = text.find("getenv("); at != text.npos; at = text.find("getenv(", at + 1)) {
      REQUIRE(at >= 7);
      CHECK(text.substr(at - 7, 7) == "secure_");
      ++safe;
    }
    ++files;
  }
  CHECK(files > 50);
  CHECK(safe >= 2);
}

TEST_CASE("resolv_conf: switches", "[transport][fault-K8][fault-O13]") {
  const resolv_conf conf = resolv_conf::parse("options rotate\noptions use-vc trust-ad\n");
  CHECK(conf.rotate);
  CHECK(conf.use_vc);
  CHECK(conf.trust_ad);
  CHECK_FALSE(conf.no_reload);
  CHECK_FALSE(resolv_conf::parse("options Rotate rotated use-vc:1").rotate);

  const resolv_conf others =
      resolv_conf::parse("options no-reload edns0 single-request single-request-reopen no-tld-query inet6\n");
  CHECK(others.no_reload);
  CHECK(others.edns0);
  CHECK(others.single_request);
  CHECK(others.single_request_reopen);
  CHECK(others.no_tld_query);
  CHECK(others.inet6);
  CHECK(resolv_conf::parse("options no_tld_query").no_tld_query);
  CHECK_FALSE(others.no_aaaa);
  CHECK(resolv_conf::parse("options no-aaaa").no_aaaa);
  CHECK(resolv_conf::parse("", {.options = "no-aaaa", .local_domain = {}}).no_aaaa);
  CHECK_FALSE(resolv_conf::parse("options single-request-reopen").single_request);
}

TEST_CASE("resolv_conf: warnings are escaped and short", "[transport][fault-K5][fault-N4]") {
  CHECK(resolv_conf::parse("\nnameserver \x1b[2J\n").warnings == strings{"line 2: not an IP address: \\027[2J"});
  CHECK(resolv_conf::parse("nameserver " + std::string(100'000, 'x')).warnings.at(0).size() < 120);
  CHECK(resolv_conf::parse("nameserver" + std::string(100'000, '\xff')).warnings.at(0).size() < 320);
}

TEST_CASE("resolv_conf: however many bad lines, the warnings are few", "[transport][fault-K5]") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "nameserver 192.0.2.1\nnameserver x\nnameserverx\n";
  const resolv_conf conf = resolv_conf::parse(text);
  CHECK(conf.servers.size() == 3);
  CHECK(conf.warnings.size() <= 16);
  CHECK(conf.warnings.at(0) == "line 2: not an IP address: x");
}

TEST_CASE("resolv_conf: a file is read, a missing or empty one counts as empty", "[transport][fault-K6]") {
  const scratch_folder folder;
  CHECK(servers_of(resolv_conf::load(folder.file("good", "nameserver 192.0.2.1\n")).value()) ==
        strings{"192.0.2.1#53"});
  CHECK(servers_of(resolv_conf::load(folder.file("empty", "")).value()) == strings{"127.0.0.1#53"});
  CHECK(servers_of(resolv_conf::load(folder.path() / "missing").value()) == strings{"127.0.0.1#53"});
  std::filesystem::create_symlink("good", folder.path() / "link");
  CHECK(servers_of(resolv_conf::load(folder.path() / "link").value()) == strings{"192.0.2.1#53"});
}

TEST_CASE("resolv_conf: what is no file or too big is refused without blocking", "[transport][fault-K5][fault-K6]") {
  const scratch_folder folder;
  const std::filesystem::path fifo = folder.path() / "fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(resolv_conf::load(fifo).error() == errc::file_unreadable);
  CHECK(resolv_conf::load(folder.path()).error() == errc::file_unreadable);
  CHECK(resolv_conf::load("/dev/zero").error() == errc::file_unreadable);
  CHECK(resolv_conf::load(folder.file("most", std::string(1 << 20, '\n'))));
  CHECK(resolv_conf::load(folder.file("more", std::string((1 << 20) + 1, '\n'))).error() == errc::file_unreadable);
  std::filesystem::create_symlink("loop", folder.path() / "loop");
  CHECK(resolv_conf::load(folder.path() / "loop").error() == errc::file_unreadable);
  if (geteuid() == 0) return;  // root can read every file
  const std::filesystem::path secret = folder.file("secret", "nameserver 192.0.2.1\n");
  std::filesystem::permissions(secret, std::filesystem::perms::none);
  CHECK(resolv_conf::load(secret).error() == errc::file_unreadable);
}

TEST_CASE("options_from: the servers serve every name", "[transport][fault-K8]") {
  const dns_client_options options =
      options_from(resolv_conf::parse("nameserver 192.0.2.1\nnameserver ::1\noptions rotate use-vc timeout:30\n"));
  REQUIRE(options.server_sets.size() == 1);
  CHECK(options.server_sets[0].domain.is_root());
  REQUIRE(options.server_sets[0].servers.size() == 2);
  CHECK(options.server_sets[0].servers[1].label == "::1#53");
  CHECK(options.rotate);
  CHECK(options.tcp_only);
  CHECK(options.first_timeout <= 1s);
  CHECK(options_from(resolv_conf::parse("options timeout:1\n")).first_timeout == 1s);
}

TEST_CASE("options_from: trust-ad makes every server's AD bit count, loopback counts anyway", "[transport][fault-K8]") {
  const std::string text = "nameserver 192.0.2.1\nnameserver 127.0.0.53\n";
  const auto trusted = [](const dns_client_options& options) {
    std::vector<bool> out;
    for (const name_server& server : options.server_sets.at(0).servers) out.push_back(server.trusts_ad);
    return out;
  };
  CHECK(trusted(options_from(resolv_conf::parse(text))) == std::vector<bool>{false, true});
  CHECK(trusted(options_from(resolv_conf::parse(text + "options trust-ad\n"))) == std::vector<bool>{true, true});
}

}  // namespace
