// Interprets any octets as resolv.conf with an environment: limits are kept, output is printable,
// and irrelevant input has no effect.
#include "fuzz/require.hpp"
#include "net/base/printable.hpp"
#include "sdconnect/transport/resolv_conf.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace std::chrono_literals;
using sdconnect::fuzz::require;

namespace {

// Reads servers with a second, simple parser, which ignores lines with a scope.
std::vector<std::string> plain_servers(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    constexpr std::string_view blanks = " \t\r\f\v";
    if (!line.starts_with("nameserver") || line.size() < 11 || blanks.find(line[10]) == blanks.npos) continue;
    const std::size_t begin = line.find_first_not_of(blanks, 10);
    if (begin == line.npos) continue;
    const std::string word = line.substr(begin, std::min(line.find_first_of(blanks, begin), line.size()) - begin);
    if (word.find('\0') != word.npos) continue;
    std::array<std::uint8_t, 16> octets{};
    std::array<char, INET6_ADDRSTRLEN> printed{};
    const int family = word.find(':') == word.npos ? AF_INET : AF_INET6;
    if (inet_pton(family, word.c_str(), octets.data()) != 1) continue;
    out.emplace_back(inet_ntop(family, octets.data(), printed.data(), printed.size()));
  }
  return out;
}

void check_limits(const resolv_conf& conf) {
  require(!conf.servers.empty() && conf.servers.size() <= 3, "one to three servers");
  for (const server_address& server : conf.servers)
    require(server.address.is_connectable() && server.port == 53, "servers that can be asked");
  require(!conf.names_no_server || (conf.servers.size() == 1 && conf.servers[0].to_text() == "127.0.0.1#53"),
          "without a server it is this host");
  require(conf.timeout >= 1s && conf.timeout <= 30s, "timeout");
  require(conf.attempts >= 1 && conf.attempts <= 5, "attempts");
  require(conf.ndots <= 15, "ndots");
  require(conf.warnings.size() <= 16 && conf.search.size() <= 100, "lists end");
  for (const std::string& warning : conf.warnings)
    require(is_printable(warning) && warning.size() < 400, "warnings are short and printable");
  for (const std::string& domain : conf.search)
    require(is_printable(domain) && !domain.empty(), "domains are printable");
  const dns_client_options options = options_from(conf);
  require(options.server_sets.size() == 1 && options.server_sets[0].domain.is_root(), "one set, for everything");
  require(options.server_sets[0].servers.size() == conf.servers.size(), "of all servers");
}

// Compares without the warnings, which contain lines and their text.
bool says_the_same(resolv_conf a, resolv_conf b) {
  a.warnings.clear();
  b.warnings.clear();
  return a == b;
}

std::string with_cr(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

}  // namespace

// The octets up to the first 0xff are the file, then follow RES_OPTIONS and LOCALDOMAIN.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string all(data, data + size);
  std::string text = all.substr(0, all.find('\xff'));
  resolv_environment environment;
  if (text.size() < all.size()) {
    const std::string rest = all.substr(text.size() + 1);
    environment.options = rest.substr(0, rest.find('\xff'));
    if (environment.options.size() < rest.size())
      environment.local_domain = rest.substr(environment.options.size() + 1);
  }

  const resolv_conf conf = resolv_conf::parse(text, environment);
  check_limits(conf);
  require(conf == resolv_conf::parse(text, environment), "reading twice gives the same");
  require(conf == resolv_conf::parse(text + '\n', environment), "a final newline does not matter");
  require(says_the_same(conf, resolv_conf::parse(with_cr(text), environment)), "CRLF does not matter");
  require(says_the_same(conf, resolv_conf::parse("# comment\n;\n\n" + text, environment)), "comments do not matter");
  require(says_the_same(conf, resolv_conf::parse(text + "\nsortlist 192.0.2.0\nunknown x\n", environment)),
          "nor do other keywords");
  if (environment.local_domain)
    require(says_the_same(conf, resolv_conf::parse("search a b\n" + text, environment)), "LOCALDOMAIN replaces search");

  if (text.find('%') != text.npos || !conf.warnings.empty() || conf.names_no_server) return 0;
  std::vector<std::string> expected = plain_servers(text);
  for (std::string& server : expected) {
    if (server == "0.0.0.0") server = "127.0.0.1";
    if (server == "::") server = "::1";
  }
  require(expected.size() == conf.servers.size(), "all servers are used when there is no warning");
  for (std::size_t i = 0; i < expected.size(); ++i)
    require(conf.servers[i].address.to_text() == expected[i], "the same servers in the same order");
  return 0;
}
