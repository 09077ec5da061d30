#include "sd-connect/commands/http_fields.hpp"

#include "sdconnect/connect/http_request.hpp"
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
  return service.empty() ? host_of(where, tls) : service;
}

std::string user_agent() { return "sd-connect/" SDCONNECT_VERSION; }

}  // namespace sdconnect::cli
