// The domains of a host's own networks.
#include "sdconnect/resolver/own_domains.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;

namespace {

std::vector<std::string> domains_of(std::string_view address, unsigned prefix_length) {
  const std::vector<interface_address> own{{ip_address::from_text(address).value(), prefix_length}};
  std::vector<std::string> out;
  for (const name& domain : network_domains(own)) out.push_back(domain.to_text());
  return out;
}

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("own domains: address and mask, reversed", "[resolver][rfc6763][rfc-check-14]") {
  CHECK(domains_of("192.168.1.20", 24) == lines{"0.1.168.192.in-addr.arpa."});
  CHECK(domains_of("10.1.2.3", 8) == lines{"0.0.0.10.in-addr.arpa."});
  CHECK(domains_of("172.16.45.67", 20) == lines{"0.32.16.172.in-addr.arpa."});
  CHECK(domains_of("192.0.2.255", 25) == lines{"128.2.0.192.in-addr.arpa."});
  CHECK(domains_of("192.0.2.255", 32) == lines{"255.2.0.192.in-addr.arpa."});
  CHECK(domains_of("2001:db8:12:34:5678::9", 64) ==
        lines{"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.3.0.0.2.1.0.0.8.b.d.0.1.0.0.2.ip6.arpa."});
  CHECK(domains_of("2001:db8:ffff::9", 36) ==
        lines{"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.f.8.b.d.0.1.0.0.2.ip6.arpa."});
}

TEST_CASE("own domains: none for link-local and loopback, each once", "[resolver][rfc6763][rfc-check-14]") {
  CHECK(domains_of("169.254.3.4", 16).empty());
  CHECK(domains_of("fe80::1", 64).empty());
  CHECK(domains_of("febf::1", 64).empty());
  CHECK(domains_of("127.0.0.1", 8).empty());
  CHECK(domains_of("::1", 128).empty());
  const auto at = [](std::string_view text) { return ip_address::from_text(text).value(); };
  const std::vector<interface_address> own{{at("192.0.2.1"), 24}, {at("192.0.2.2"), 24}, {at("10.0.0.1"), 8}};
  CHECK(network_domains(own).size() == 2);
}

TEST_CASE("own domains: the system's addresses can be read", "[resolver]") {
  for (const interface_address& own : own_addresses()) {
    CHECK(own.prefix_length <= (own.address.is_v4() ? 32u : 128u));
  }
}
