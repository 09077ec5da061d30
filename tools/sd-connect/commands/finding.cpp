#include "sd-connect/commands/finding.hpp"

#include "program/report.hpp"
#include "sd-connect/explain/failures.hpp"
#include "sdconnect/transport/resolv_conf.hpp"

#include <algorithm>
#include <utility>

namespace sdconnect::cli {
namespace {

/// Adds the options to the servers of resolv.conf, or replaces them.
void adapt(dns_client_options& client, const options& opts) {
  client.server_sets.insert(client.server_sets.end(), opts.server_sets.begin(), opts.server_sets.end());
  client.tcp_only = client.tcp_only || opts.tcp_only;
  client.use_0x20 = opts.randomize_case;
}

/// A command that asks once has little use of a cache, and leaves its memory to the results (FAULTS
/// O7).
cache_limits caching(const options& opts) {
  const bool asks_once = opts.command != "watch" && opts.command != "forward" && opts.command != "proxy";
  return asks_once ? cache_limits{.max_bytes = std::size_t{4} << 20} : cache_limits{};
}

}  // namespace

resolver resolver_of(boost::asio::any_io_executor executor, const options& opts) {
  const bool covers_everything =
      std::ranges::any_of(opts.server_sets, [](const server_set& set) { return set.domain.is_root(); });
  if (covers_everything) {
    dns_client_options client;
    adapt(client, opts);
    return resolver(dns_client(std::move(executor), std::move(client)), {.cache = caching(opts)});
  }
  const result<resolv_conf> conf = resolv_conf::load();
  if (!conf) throw fail(exit_code::no_input, conf.error().message(), "/etc/resolv.conf", "name a server with --server");
  if (conf->no_aaaa && opts.query && !opts.query->want_ipv4)
    throw fail(exit_code::usage, "the system's resolver has no IPv6 addresses", "-6",
               "leave out 'options no-aaaa' of /etc/resolv.conf or RES_OPTIONS, or name a server with --server");
  if (opts.verbose) {
    for (const std::string& warning : conf->warnings) warn(opts, "/etc/resolv.conf: " + warning);
  }
  return resolver(std::move(executor),
                  {.cache = caching(opts), .adapt = [opts](dns_client_options& client) { adapt(client, opts); }});
}

bool is_asked_locally(const options& opts, const name& n) {
  const server_set* nearest = nullptr;
  for (const server_set& set : opts.server_sets) {
    if (!n.is_at_or_below(set.domain)) continue;
    if (nearest == nullptr || set.domain.label_count() > nearest->domain.label_count()) nearest = &set;
  }
  if (nearest != nullptr) {
    return std::ranges::all_of(nearest->servers,
                               [](const name_server& s) { return s.file || s.address.address.is_loopback(); });
  }
  const result<resolv_conf> conf = resolv_conf::load();
  return conf && std::ranges::all_of(conf->servers, [](const server_address& s) { return s.address.is_loopback(); });
}

}  // namespace sdconnect::cli
