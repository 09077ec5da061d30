#include "sdconnect/transport/query_report.hpp"

#include <algorithm>

namespace sdconnect {

std::string_view to_string(dns_transport transport) noexcept {
  switch (transport) {
    case dns_transport::udp: return "UDP";
    case dns_transport::tcp: return "TCP";
    case dns_transport::tls: return "TLS";
    case dns_transport::file: return "file";
  }
  return "unknown";
}

std::vector<extended_error> extended_errors_of(const query_report& report) {
  std::vector<extended_error> all = report.cached_errors;
  for (const query_attempt& attempt : report.attempts) {
    for (const extended_error& e : attempt.extended_errors) {
      if (std::ranges::find(all, e) == all.end()) all.push_back(e);
    }
  }
  return all;
}

}  // namespace sdconnect
