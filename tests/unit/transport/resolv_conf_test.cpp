// resolv.conf(5) as it is found on real machines, and as it should not be.
#include "sdconnect/transport/resolv_conf.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace sdconnect;
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

// A folder of its own, removed at the end.
class scratch_folder {
 public:
  scratch_folder() {
    std::string path = (std::filesystem::temp_directory_path() / "sdconnect.XXXXXX").string();
    REQUIRE(mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  ~scratch_folder() { std::filesystem::remove_all(path_); }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] std::filesystem::path file(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

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

TEST_CASE("resolv_conf: switches", "[transport][fault-K8]") {
  const resolv_conf conf = resolv_conf::parse("options rotate\noptions use-vc trust-ad\n");
  CHECK(conf.rotate);
  CHECK(conf.use_vc);
  CHECK(conf.trust_ad);
  CHECK_FALSE(resolv_conf::parse("options Rotate rotated use-vc:1").rotate);
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
  if (geteuid() == 0) return;  // root reads everything
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

}  // namespace
