#include "sd-connect/commands/stream_service.hpp"

#include "program/report.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "sdconnect/resolver/service_query.hpp"
#include "text/names.hpp"

#include <fmt/format.h>

namespace sdconnect::cli {

bool is_udp_service(const options& opts) {
  const auto labels = split_service_name(opts.query.value().qname);
  return labels && labels->udp;
}

void require_tcp_service(const options& opts) {
  if (!is_udp_service(opts)) return;
  throw fail(exit_code::usage, "a UDP service has no stream to connect to", opts.query->qname.to_text(),
             "use resolve, pick or exec");
}

std::string endpoint_text(const endpoint& e, const ip_address& address) {
  return fmt::format("{} ({})", display(e), address.to_text());
}

std::string stream_text(const options& opts, const connection& made) {
  return fmt::format("{} at {}", opts.query.value().qname.to_text(), endpoint_text(made.where, made.address));
}

}  // namespace sdconnect::cli
