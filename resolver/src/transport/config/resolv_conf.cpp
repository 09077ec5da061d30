#include "sdconnect/transport/resolv_conf.hpp"

#include "net/base/printable.hpp"
#include "transport/config/resolv_conf_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>

namespace sdconnect {

using namespace detail;
namespace {

constexpr std::size_t max_servers = 3;    // MAXNS of resolver(5)
constexpr std::size_t max_warnings = 16;  // enough to see what is wrong with the file
// glibc's list has no limit since 2.26; this list is only displayed.
constexpr std::size_t max_search_domains = 100;
constexpr std::string_view blanks = " \t\r\f\v";
constexpr std::array<std::string_view, 4> keywords{"nameserver", "search", "domain", "options"};

// Removes the next blank-separated word from the front of `line`.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  const std::size_t length = std::min(line.find_first_of(blanks), line.size());
  const std::string_view word = line.substr(0, length);
  line.remove_prefix(length);
  return word;
}

void warn(resolv_conf& conf, std::size_t line_number, const std::string& why, std::string_view word) {
  if (conf.warnings.size() == max_warnings) return;
  conf.warnings.push_back("line " + std::to_string(line_number) + ": " + why + ": " + escaped(word.substr(0, 64)));
}

unsigned clamped(std::string_view digits, unsigned low, unsigned high, unsigned otherwise) {
  unsigned value = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (ec == std::errc::result_out_of_range) return high;
  if (ec != std::errc() || end != digits.data() + digits.size()) return otherwise;
  return std::clamp(value, low, high);
}

void read_switch(std::string_view word, resolv_conf& conf) {
  struct option {
    std::string_view text;
    bool resolv_conf::*flag;
  };
  constexpr std::array<option, 11> options{{{"rotate", &resolv_conf::rotate},
                                            {"use-vc", &resolv_conf::use_vc},
                                            {"trust-ad", &resolv_conf::trust_ad},
                                            {"no-reload", &resolv_conf::no_reload},
                                            {"no-aaaa", &resolv_conf::no_aaaa},
                                            {"edns0", &resolv_conf::edns0},
                                            {"single-request", &resolv_conf::single_request},
                                            {"single-request-reopen", &resolv_conf::single_request_reopen},
                                            {"no-tld-query", &resolv_conf::no_tld_query},
                                            {"no_tld_query", &resolv_conf::no_tld_query},  // glibc's older spelling
                                            {"inet6", &resolv_conf::inet6}}};
  const auto* found = std::ranges::find(options, word, &option::text);
  if (found != options.end()) conf.*found->flag = true;
}

void read_options(std::string_view line, resolv_conf& conf) {
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
    if (word.starts_with("ndots:")) {
      conf.ndots = clamped(word.substr(6), 0, 15, 1);
    } else if (word.starts_with("timeout:")) {
      conf.timeout = std::chrono::seconds(clamped(word.substr(8), 1, 30, 5));
    } else if (word.starts_with("attempts:")) {
      conf.attempts = clamped(word.substr(9), 1, 5, 2);
    } else {
      read_switch(word, conf);
    }
  }
}

void read_search(std::string_view line, std::size_t at_most, resolv_conf& conf) {
  std::vector<std::string> domains;
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
    if (domains.size() == at_most) break;
    domains.push_back(escaped(word.substr(0, name::max_wire_size)));
  }
  if (!domains.empty()) conf.search = std::move(domains);  // an empty line changes nothing
}

void read_name_server(std::string_view line, std::size_t number, resolv_conf& conf) {
  const std::string_view word = take_word(line);
  const result<ip_address> address = ip_address::from_text(word);
  if (!address) {
    // A scope that this host does not have now must not become 0: that would be the same address on
    // another link.
    const bool unknown_scope = word.find('%') != word.npos && ip_address::from_text(word.substr(0, word.find('%')));
    return warn(conf, number, unknown_scope ? "no such interface" : "not an IP address", word);
  }
  // 0.0.0.0 and :: mean this host, as in glibc; a multicast or broadcast address cannot answer.
  const bool unspecified = std::ranges::all_of(address->octets(), [](std::uint8_t o) { return o == 0; });
  if (!unspecified && !address->is_connectable()) return warn(conf, number, "not the address of a name server", word);
  if (conf.servers.size() == max_servers) return warn(conf, number, "more than three name servers, not used", word);
  if (!unspecified) {
    conf.servers.push_back({*address});
  } else {
    conf.servers.push_back({address->is_v4() ? ip_address::v4({127, 0, 0, 1})
                                             : ip_address::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})});
  }
}

void read_line(std::string_view line, std::size_t number, bool has_local_domain, resolv_conf& conf) {
  if (line.empty() || line.front() == '#' || line.front() == ';') return;
  const bool is_indented = blanks.find(line.front()) != blanks.npos;
  const std::string_view keyword = take_word(line);
  if (is_indented) {
    if (std::ranges::find(keywords, keyword) != keywords.end())
      warn(conf, number, "not in the first column, ignored", keyword);
    return;
  }
  if (keyword == "nameserver") {
    read_name_server(line, number, conf);
  } else if (keyword == "options") {
    read_options(line, conf);
  } else if (keyword == "search" || keyword == "domain") {
    if (!has_local_domain) read_search(line, keyword == "domain" ? 1 : max_search_domains, conf);
  } else if (keyword.starts_with("nameserver")) {
    warn(conf, number, "no blank after nameserver", keyword);
  }
}

}  // namespace

resolv_environment resolv_environment::of_process() {
  resolv_environment out;
  if (const char* options = secure_getenv("RES_OPTIONS")) out.options = options;
  if (const char* domain = secure_getenv("LOCALDOMAIN")) out.local_domain = domain;
  return out;
}

resolv_conf resolv_conf::parse(std::string_view text, const resolv_environment& environment) {
  resolv_conf conf;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    read_line(text.substr(0, length), number, environment.local_domain.has_value(), conf);
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  if (environment.local_domain) read_search(*environment.local_domain, max_search_domains, conf);
  read_options(environment.options, conf);
  conf.names_no_server = conf.servers.empty();
  if (conf.names_no_server) conf.servers.push_back({ip_address::v4({127, 0, 0, 1})});
  return conf;
}

result<resolv_conf> resolv_conf::load(const std::filesystem::path& file, const resolv_environment& environment) {
  const result<std::string> text = read_resolv_conf(file);
  if (!text) return text.error();
  return parse(*text, environment);
}

dns_client_options options_from(const resolv_conf& conf) {
  dns_client_options options;
  server_set& everything = options.server_sets.emplace_back();
  for (const server_address& address : conf.servers) {
    name_server& server = everything.servers.emplace_back(name_server::at(address));
    server.trusts_ad = server.trusts_ad || conf.trust_ad;
  }
  options.rotate = conf.rotate;
  options.tcp_only = conf.use_vc;
  // The file's five seconds date from slow links; this client sends a lost datagram again after at
  // most one.
  options.attempts = conf.attempts;
  options.first_timeout = std::min<std::chrono::milliseconds>(conf.timeout, options.first_timeout);
  return options;
}

}  // namespace sdconnect
