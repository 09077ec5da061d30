/// \file
/// The zones of the tests and queries to them.
#pragma once

#include "sdconnect/dns/message_reader.hpp"
#include "sdconnect/dns/zone.hpp"
#include "support/message_builder.hpp"
#include "support/zone_lines.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {

using strings = std::vector<std::string>;

inline constexpr const char* unilans = R"(
$ORIGIN unilans.net.
$TTL 60
@                       IN SOA  ns1 hostmaster 2014061401 3600 600 86400 30
@                       IN NS   ns1
ns1                     IN A    127.0.0.1
_services._dns-sd._udp  IN PTR  _theService._tcp
b._dns-sd._udp          IN PTR  @
_theService._tcp        IN PTR  _v1._theservice._tcp
_theService._tcp        IN PTR  _v2._theservice._tcp
_v1._theservice._tcp    IN SRV  0 30 18081 host1
_v1._theservice._tcp    IN SRV  0 10 18082 host2
_v1._theservice._tcp    IN TXT  "txtvers=1" "data=sampledata"
_v2._theservice._tcp    IN SRV  0 0  18084 Host3
host1                   IN A    127.0.0.11
host2                   IN A    127.0.0.12
Host3                   IN A    127.0.0.13
                        IN AAAA ::1
)";

inline zone parsed(const std::string& text, const std::optional<name>& origin = {}) {
  auto made = zone::parse(text, origin);
  INFO((made ? std::string() : made.error().message));
  REQUIRE(made.has_value());
  return std::move(*made);
}

inline zone with_soa(const std::string& records) {
  return parsed("$ORIGIN example.com.\n$TTL 60\n@ SOA ns1 h 1 2 3 4 30\n" + records);
}

inline octets query_for(const wire_name& qname, code_point type) {
  return message_builder(0x1234).rd().question(qname, type).bytes();
}

inline octets ask(const zone& z, const wire_name& qname, code_point type, std::size_t limit = 65535) {
  return z.reply(query_for(qname, type), limit);
}

inline message_header header_of(const octets& message) {
  const auto reader = message_reader::open(message);
  REQUIRE(reader.has_value());
  return reader->header();
}

inline rcode rcode_of(const octets& message) { return static_cast<rcode>(header_of(message).rcode); }

inline const strings example_soa = {"authority example.com. 30 SOA minimum 30"};

}  // namespace sdconnect::test
