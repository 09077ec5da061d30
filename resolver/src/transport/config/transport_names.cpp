#include "sdconnect/transport/query_report.hpp"

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

}  // namespace sdconnect
