#include "sd-connect/commands/http_fields.hpp"

#include "net/http/http_request.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "text/names.hpp"

namespace sdconnect::cli {

std::string service_host(const service_query& asked, const endpoint& where) {
  if (where.instances.empty()) return {};
  const bool chose_instance = asked.version || asked.instance;
  const name& service = chose_instance ? where.instances.front() : asked.qname;
  return is_host_name(service) ? display(service) : std::string();
}

std::string host_field(const service_query& asked, const endpoint& where, bool tls) {
  const std::string service = service_host(asked, where);
  return service.empty() ? detail::host_field(display(where.target), where.port, tls) : service;
}

std::string user_agent() { return "sd-connect/" SDCONNECT_VERSION; }

}  // namespace sdconnect::cli
