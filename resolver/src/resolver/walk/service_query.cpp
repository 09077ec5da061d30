#include "sdconnect/resolver/service_query.hpp"

namespace sdconnect {
namespace {

result<service_query> query_for(result<name> qname) {
  if (!qname) return qname.error();
  if (qname->label_count() < 2) return errc::bad_service;
  service_query query;
  query.qname = *qname;
  return query;
}

}  // namespace

result<service_query> service_query::from_text(std::string_view text) { return query_for(name::from_text(text)); }

result<service_query> service_query::from_parts(std::string_view zone, std::string_view service, std::string_view proto,
                                                std::optional<std::string> version) {
  const bool is_udp = equal_ignoring_case(proto, "udp");
  if (!is_udp && !equal_ignoring_case(proto, "tcp")) return errc::bad_service;
  result<name> domain = name::from_text(zone);
  if (!domain) return domain.error();
  const result<std::string> label = label_from_text(service);
  if (!label) return label.error();

  result<name> type = domain->child(is_udp ? "_udp" : "_tcp");
  if (type) type = type->child(label->starts_with('_') ? *label : '_' + *label);
  result<service_query> query = query_for(type);
  if (query) query->version = std::move(version);
  return query;
}

}  // namespace sdconnect
