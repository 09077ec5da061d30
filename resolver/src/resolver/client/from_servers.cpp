#include "net/base/printable.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace sdconnect {

using namespace detail;
namespace {

constexpr std::string_view zone_file_prefix = "file:";

[[noreturn]] void refuse_server(error_code why, std::string_view text) {
  throw boost::system::system_error(why, escaped(text));
}

name_server zone_file_server(std::string_view text) {
  auto loaded = zone::load(std::string(text.substr(zone_file_prefix.size())));
  if (!loaded) refuse_server(loaded.error().code, std::string(text) + ": " + loaded.error().message);
  return name_server::of(std::make_shared<const zone>(std::move(*loaded)), std::string(text));
}

name_server server_of_text(std::string_view text) {
  if (text.starts_with(zone_file_prefix)) return zone_file_server(text);
  result<name_server> server = name_server::from_text(text);
  if (!server) refuse_server(server.error(), text);
  if (!server->address.address.is_connectable()) refuse_server(errc::bad_address, text);
  return std::move(*server);
}

}  // namespace

resolver resolver::from_servers(executor_type executor, std::string_view servers, const resolver_options& options) {
  constexpr std::string_view separators = ", \t";
  server_set for_everything;
  for (;;) {
    servers.remove_prefix(std::min(servers.find_first_not_of(separators), servers.size()));
    if (servers.empty()) break;
    const std::size_t end = std::min(servers.find_first_of(separators), servers.size());
    for_everything.servers.push_back(server_of_text(servers.substr(0, end)));
    servers.remove_prefix(end);
  }
  if (for_everything.servers.empty()) throw boost::system::system_error(errc::no_name_servers);

  dns_client_options with;
  with.server_sets.push_back(std::move(for_everything));
  if (options.adapt) options.adapt(with);
  return resolver(dns_client(std::move(executor), std::move(with)), options);
}

}  // namespace sdconnect
