#include "bench/connect/names.hpp"

#include "sdconnect/dns/zone.hpp"

#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace sdconnect::bench {
using namespace sdconnect::detail;
namespace {

std::string zone_text(const char* origin, const std::string& records) {
  return "$ORIGIN " + std::string(origin) + "\n$TTL 3600\n@ SOA ns1 hostmaster 1 3600 600 86400 3600\n@ NS ns1\n" +
         "ns1 A 127.0.0.1\n" + records;
}

zone parse(const char* origin, const std::string& records) {
  auto parsed = zone::parse(zone_text(origin, records));
  if (!parsed) throw std::runtime_error(parsed.error().message);
  return std::move(*parsed);
}

// Uses several zones: a server adds no additional records from another zone.
std::vector<zone> zones(std::uint16_t port) {
  const std::string leads = " SRV 0 1 " + std::to_string(port) + ' ';
  std::vector<zone> all;
  all.push_back(parse("bench.example.", "_complete._tcp" + leads + "both\nboth A 127.0.0.1\nboth AAAA ::1\n" +
                                            "_ipv4._tcp" + leads + "one\none A 127.0.0.1\n" +  //
                                            "_bare._tcp" + leads + "host.hosts.example.\n" +
                                            "_type._tcp PTR one._type._tcp.instances.example.\n"));
  all.push_back(
      parse("instances.example.", "one._type._tcp" + leads + "host.hosts.example.\none._type._tcp TXT \"\"\n"));
  all.push_back(parse("hosts.example.", "host A 127.0.0.1\n"));
  return all;
}

bool asks_for_ipv6(std::span<const std::uint8_t> query) {
  std::size_t at = 12;
  while (at < query.size() && query[at] != 0) at += query[at] + std::size_t{1};
  return at + 2 < query.size() && query[at + 2] == 28;
}

test::forger script(std::uint16_t port, std::chrono::milliseconds delay, bool is_silent_of_ipv6) {
  return [served = std::make_shared<const std::vector<zone>>(zones(port)), delay, is_silent_of_ipv6](
             std::span<const std::uint8_t> query, lab::transport) {
    std::vector<test::reply> replies;
    if (is_silent_of_ipv6 && asks_for_ipv6(query)) return replies;
    for (const zone& each : *served) {
      std::vector<std::uint8_t> octets = each.reply(query, udp_reply_limit(query));
      if (octets.size() < 4 || (octets[3] & 0xf) == 5) continue;  // REFUSED: not in this zone
      replies.push_back({.octets = std::move(octets), .delay = delay});
      break;
    }
    return replies;
  };
}

}  // namespace

scripted_name_server::scripted_name_server(std::uint16_t service_port, std::chrono::milliseconds delay,
                                           bool is_silent_of_ipv6)
    : server_(thread_.executor(), script(service_port, delay, is_silent_of_ipv6)) {}

connector scripted_name_server::new_connector(boost::asio::any_io_executor executor,
                                              const connector_options& options) const {
  return connector(resolver::from_servers(std::move(executor), "127.0.0.1#" + std::to_string(server_.port())), options);
}

}  // namespace sdconnect::bench
