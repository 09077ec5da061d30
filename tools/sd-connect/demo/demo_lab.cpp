#include "sd-connect/demo/demo_lab.hpp"

#include "sd-connect/demo/demo_commands.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

namespace sdconnect::cli {

namespace {

boost::asio::ip::tcp::endpoint at(const std::string& address, std::uint16_t port) {
  return {boost::asio::ip::make_address(address), port};
}

}  // namespace

std::string demo_zone_text(const demo_ports& ports) {
  return fmt::format(R"($ORIGIN unilans.net.
$TTL 60
@                       IN SOA  ns1 hostmaster 2014061401 3600 600 86400 60
@                       IN NS   ns1
ns1                     IN A    127.0.0.1
_services._dns-sd._udp  IN PTR  _theService._tcp
b._dns-sd._udp          IN PTR  @
lb._dns-sd._udp         IN PTR  @
_theService._tcp        IN PTR  _v1._theservice._tcp
_theService._tcp        IN PTR  _v2._theservice._tcp
_v1._theservice._tcp    IN SRV  0 30 {host1} host1
_v1._theservice._tcp    IN SRV  0 10 {host2} host2
_v1._theservice._tcp    IN SRV  1 0  {host100} host100
_v1._theservice._tcp    IN TXT  "txtvers=1" "data=sampledata"
_v2._theservice._tcp    IN SRV  0 0  {host3} host3
_v2._theservice._tcp    IN TXT  "txtvers=1" "proto=2"
host1                   IN A    127.0.0.11
host2                   IN A    127.0.0.12
host3                   IN A    127.0.0.13
host3                   IN AAAA ::1
host100                 IN A    127.0.0.100
)",
                     fmt::arg("host1", ports.host1), fmt::arg("host2", ports.host2), fmt::arg("host3", ports.host3),
                     fmt::arg("host100", ports.host100));
}

void demo_backends::start_built_in() {
  host1_ = &start("host1", "127.0.0.11");
  host2_ = &start("host2", "127.0.0.12");
  host100_ = &start("host100", "127.0.0.100");
  host3_ = &start("host3", "127.0.0.13");
  try {
    start("host3", "::1", host3_->endpoint().port());
  } catch (const boost::system::system_error&) {
    // The host has no IPv6, or the port is in use there: clients then reach host3 by its IPv4
    // address, which also shows failover between address families.
  }
}

demo_ports demo_backends::ports() const {
  return {.host1 = host1_->endpoint().port(),
          .host2 = host2_->endpoint().port(),
          .host3 = host3_->endpoint().port(),
          .host100 = host100_->endpoint().port()};
}

lab::http_backend& demo_backends::start(const std::string& host, const std::string& address, std::uint16_t port) {
  return backends_.emplace_back(thread_.executor(), host, at(address, port));
}

demo_name_server::demo_name_server(zone served)
    : zone_(std::make_shared<const zone>(std::move(served))), server_(thread_.executor(), lab::zone_handler(zone_)) {}

server_address demo_name_server::address() const {
  return {.address = ip_address::v4({127, 0, 0, 1}), .port = server_.port()};
}

std::string demo_name_server::asking_command() const {
  return fmt::format("{} --server {}", own_command(), address().to_text());
}

options demo_name_server::asking(const options& base, const name& service_name) const {
  options opts = base;
  opts.server_sets = {{.domain = {}, .servers = {name_server::at(address())}}};
  opts.query.emplace();
  opts.query->qname = service_name;
  opts.query->timeout = opts.timeout;
  return opts;
}

}  // namespace sdconnect::cli
