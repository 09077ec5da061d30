/// \file
/// Record types, response codes and the record data that service discovery reads.
#pragma once

#include "sdconnect/dns/name.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace sdconnect {

enum class rr_type : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  txt = 16,
  aaaa = 28,
  srv = 33,
  dname = 39,
  opt = 41,
};

enum class rr_class : std::uint16_t { in = 1 };

enum class rcode : std::uint16_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
  notauth = 9,
  badvers = 16,
};

/// "SRV", or "TYPE65280" for a type without a name here (RFC 3597 §5).
[[nodiscard]] std::string to_string(rr_type type);
/// "IN", or "CLASS3" (RFC 3597 §5).
[[nodiscard]] std::string to_string(rr_class rclass);
/// "SERVFAIL", or "RCODE11".
[[nodiscard]] std::string to_string(rcode code);

/// A DNS question, always of class IN.
struct question {
  name qname;
  rr_type type = rr_type::srv;

  friend bool operator==(const question&, const question&) = default;
};

/// "_x._tcp.example.com. SRV", for messages.
[[nodiscard]] std::string to_string(const question& q);

/// RFC 2782.
struct srv_record {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  name target;

  friend bool operator==(const srv_record&, const srv_record&) = default;
};

/// The part of a SOA that negative caching needs (RFC 2308 §5).
struct soa_record {
  std::uint32_t serial = 0;
  std::uint32_t minimum = 0;
};

}  // namespace sdconnect

template <>
struct std::hash<sdconnect::question> {
  std::size_t operator()(const sdconnect::question& q) const noexcept {
    return q.qname.hash() * 31 + static_cast<std::size_t>(q.type);
  }
};
