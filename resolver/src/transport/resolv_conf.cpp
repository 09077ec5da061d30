#include "sdconnect/transport/resolv_conf.hpp"

#include "sdconnect/dns/printable.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <sstream>

namespace sdconnect {
namespace {

constexpr std::size_t max_servers = 3;             // MAXNS of resolver(5)
constexpr std::uintmax_t max_file_size = 1 << 20;  // a resolv.conf has a few lines; more is a mistake or an attack
constexpr std::size_t max_warnings = 16;           // enough to see what is wrong with the file
constexpr std::string_view blanks = " \t\r\f\v";

// Takes the next blank-separated word off the front of `line`.
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

void read_options(std::string_view line, resolv_conf& conf) {
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
    if (word.starts_with("timeout:")) {
      conf.timeout = std::chrono::seconds(clamped(word.substr(8), 1, 30, 5));
    } else if (word.starts_with("attempts:")) {
      conf.attempts = clamped(word.substr(9), 1, 5, 2);
    } else if (word == "rotate") {
      conf.rotate = true;
    } else if (word == "use-vc") {
      conf.use_vc = true;
    } else if (word == "trust-ad") {
      conf.trust_ad = true;
    }
  }
}

void read_name_server(std::string_view line, std::size_t number, resolv_conf& conf) {
  const std::string_view word = take_word(line);
  const result<ip_address> address = ip_address::from_text(word);
  if (!address) return warn(conf, number, "not an IP address", word);
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

}  // namespace

resolv_conf resolv_conf::parse(std::string_view text) {
  resolv_conf conf;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));

    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const std::string_view keyword = take_word(line);
    if (keyword == "nameserver") {
      read_name_server(line, number, conf);
    } else if (keyword == "options") {
      read_options(line, conf);
    } else if (keyword.starts_with("nameserver")) {
      warn(conf, number, "no blank after nameserver", keyword);
    }
  }
  if (conf.servers.empty()) conf.servers.push_back({ip_address::v4({127, 0, 0, 1})});
  return conf;
}

result<resolv_conf> resolv_conf::load(const std::filesystem::path& file) {
  std::error_code ec;
  const std::filesystem::file_status status = std::filesystem::status(file, ec);
  if (status.type() == std::filesystem::file_type::not_found) return parse({});
  // Anything else than a regular file could block for ever.
  if (ec || !std::filesystem::is_regular_file(status)) return errc::file_unreadable;
  if (std::filesystem::file_size(file, ec) > max_file_size || ec) return errc::file_unreadable;

  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || (in.peek() != std::ifstream::traits_type::eof() && !(text << in.rdbuf()))) return errc::file_unreadable;
  return parse(text.str());
}

dns_client_options options_from(const resolv_conf& conf) {
  dns_client_options options;
  server_set& everything = options.server_sets.emplace_back();
  for (const server_address& server : conf.servers) everything.servers.push_back(name_server::at(server));
  options.rotate = conf.rotate;
  options.tcp_only = conf.use_vc;
  // The file's five seconds date from slow links; a lost datagram is asked again after one at most.
  options.first_timeout = std::min<std::chrono::milliseconds>(conf.timeout, options.first_timeout);
  return options;
}

}  // namespace sdconnect
