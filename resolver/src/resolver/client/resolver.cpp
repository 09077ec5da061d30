#include "sdconnect/resolver/resolver.hpp"

#include "resolver/client/browse_operation.hpp"
#include "resolver/client/resolve_operation.hpp"
#include "sdconnect/transport/resolv_conf_tracker.hpp"

#include <boost/system/system_error.hpp>

#include <string_view>
#include <utility>

namespace sdconnect {

using namespace detail;
namespace {

std::shared_ptr<caching_client> client_from_resolv_conf(resolver::executor_type executor,
                                                        const resolver_options& options) {
  resolv_conf_tracker conf(std::chrono::steady_clock::now());
  if (conf.error()) throw boost::system::system_error(conf.error(), resolv_conf::default_file);
  dns_client_options with = options_from(conf.current());
  if (options.adapt) options.adapt(with);
  dns_client client(std::move(executor), std::move(with));
  return caching_client::make(std::move(client), options, std::move(conf));
}

result<name> below(const name& domain, std::initializer_list<std::string_view> labels_from_the_right) {
  result<name> out = domain;
  for (const std::string_view label : labels_from_the_right) {
    if (out) out = out->child(label);
  }
  return out;
}

std::string_view label_of(domain_enumeration kind) noexcept {
  switch (kind) {
    case domain_enumeration::browse: return "b";
    case domain_enumeration::default_browse: return "db";
    case domain_enumeration::registration: return "r";
    case domain_enumeration::default_registration: return "dr";
    case domain_enumeration::legacy_browse: return "lb";
  }
  return "b";
}

}  // namespace

resolver::resolver(executor_type executor, const resolver_options& options)
    : client_(client_from_resolv_conf(std::move(executor), options)) {}

resolver::resolver(dns_client client, const resolver_options& options)
    : client_(caching_client::make(std::move(client), options, std::nullopt)) {}

resolver::executor_type resolver::get_executor() const noexcept { return client_->get_executor(); }

void resolver::start_resolve(std::shared_ptr<caching_client> client, const service_query& query,
                             boost::asio::any_completion_handler<void(error_code, service)> handler) {
  client->look_around();
  resolve_operation::completion_type done(std::move(handler), client->get_executor());
  std::make_shared<resolve_operation>(std::move(client), std::move(done))->start(query);
}

void resolver::start_browse(std::shared_ptr<caching_client> client, const name& owner,
                            std::chrono::milliseconds timeout,
                            boost::asio::any_completion_handler<void(error_code, browse_result)> handler) {
  client->look_around();
  browse_operation::completion_type done(std::move(handler), client->get_executor());
  std::make_shared<browse_operation>(std::move(client), owner, std::move(done))->start(timeout);
}

resolver_statistics resolver::statistics() const { return client_->statistics(); }

void resolver::clear_cache() { client_->clear(); }

result<name> type_enumeration_name(const name& domain) { return below(domain, {"_udp", "_dns-sd", "_services"}); }

result<name> domain_enumeration_name(domain_enumeration kind, const name& domain) {
  return below(domain, {"_udp", "_dns-sd", label_of(kind)});
}

}  // namespace sdconnect
