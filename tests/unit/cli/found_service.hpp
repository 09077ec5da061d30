/// \file
/// Services in the form that discovery returns, built by hand.
#pragma once

#include "sdconnect/resolver/service.hpp"
#include "support/name_of.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::test {

using namespace std::string_literals;

/// One TXT record with these character-strings.
inline txt_record txt_of(const std::vector<std::string>& strings) {
  std::vector<std::uint8_t> rdata;
  for (const std::string& s : strings) {
    rdata.push_back(static_cast<std::uint8_t>(s.size()));
    rdata.insert(rdata.end(), s.begin(), s.end());
  }
  return txt_record::from_rdata(rdata).value();
}

inline endpoint endpoint_of(std::string_view target, std::uint16_t port, std::uint16_t priority, std::uint32_t weight,
                            std::string_view address) {
  endpoint e;
  e.target = name_of(target);
  e.port = port;
  e.priority = priority;
  e.weight = weight;
  e.instances = {name_of("_v1._theservice._tcp.unilans.net")};
  e.ttl = std::chrono::seconds(60);
  if (address.empty())
    e.unresolved = errc::nxdomain;
  else
    e.addresses = {address_of(address)};
  return e;
}

/// The example of the contract: {30, 10} and a spare.
inline service example_service() {
  service found;
  found.query = name_of("_theService._tcp.unilans.net");
  found.kind = service_kind::type;
  service_instance v1;
  v1.fullname = name_of("_v1._theservice._tcp.unilans.net");
  v1.label = "_v1";
  v1.txt = txt_of({"txtvers=1", "flag"});
  v1.ttl = std::chrono::seconds(60);
  found.instances = {v1};
  found.endpoints = {endpoint_of("host1.unilans.net", 18081, 0, 30, "127.0.0.11"),
                     endpoint_of("host2.unilans.net", 18082, 0, 10, "127.0.0.12"),
                     endpoint_of("host100.unilans.net", 18083, 1, 0, "127.0.0.100")};
  found.server = "127.0.0.1#15302";
  return found;
}

/// All octets that must not reach a terminal: CR LF, ESC, NUL, C1 (raw and as UTF-8), DEL,
/// bidirectional override, half a character.
inline const std::string hostile_octets =
    "a\r\nb\x1b[31mc\0d\x9b\xc2\x9b"
    "e\x7f"
    "f\xe2\x80\xae"
    "g\xc3"s;

/// The same in the form that is safe for a terminal.
inline constexpr std::string_view hostile_shown = R"(a\013\010b\027[31mc\000d\155\194\155e\127f\226\128\174g\195)";

/// A service whose instance name, TXT and warnings come from an attacker.
inline service hostile_service() {
  service found = example_service();
  service_instance& instance = found.instances.front();
  instance.label = hostile_octets;
  instance.fullname = name_of("_http._tcp.example.com").child(hostile_octets).value();
  instance.txt = txt_of({"k=" + hostile_octets, "\"quoted\"=a\\b"});
  for (endpoint& e : found.endpoints) e.instances = {instance.fullname};
  found.server = "file:" + hostile_octets;
  return found;
}

/// Whether every line of `text` is printable as it is; colour sequences are not.
inline bool is_harmless(std::string_view text) {
  for (const char c : text) {
    if (c != '\n' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)) return false;
  }
  for (const std::string_view forbidden : {"\xe2\x80\xae", "\xc2\x9b", "\x9b"}) {
    if (text.find(forbidden) != std::string_view::npos) return false;
  }
  return true;
}

}  // namespace sdconnect::test
