#include "sd-connect/commands/http_fields.hpp"

#include "net/http/http_request.hpp"
#include "sd-connect/options/http_values.hpp"
#include "sdconnect/dns/service_name.hpp"
#include "text/names.hpp"

namespace sdconnect::cli {

std::string host_of_user(const options& opts, const endpoint& where) {
  if (!opts.host_is_service) return opts.host;
  if (where.instances.empty()) return {};
  const service_query& asked = opts.query.value();
  const bool chose_instance = asked.version || asked.instance;
  const name& service = chose_instance ? where.instances.front() : asked.qname;
  return is_host_name(service) ? display(service) : std::string();
}

std::string host_field(const options& opts, const endpoint& where) {
  const std::string wanted = host_of_user(opts, where);
  return wanted.empty() ? detail::host_field(display(where.target), where.port, opts.tls) : wanted;
}

detail::tls_names tls_names_of(const options& opts, const endpoint& where) {
  return detail::tls_names_of(host_without_port(opts.host), opts.tls_name, display(where.target));
}

std::string user_agent() { return "sd-connect/" SDCONNECT_VERSION; }

}  // namespace sdconnect::cli
