/// \file
/// Walks a service name to its endpoints over unicast DNS: PTR, SRV and TXT, addresses (RFC 6763,
/// RFC 2782).
#pragma once

#include "sdconnect/resolver/resolver_options.hpp"
#include "sdconnect/resolver/service.hpp"
#include "sdconnect/resolver/service_query.hpp"
#include "sdconnect/transport/dns_client.hpp"

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

namespace sdconnect {

namespace detail {
class caching_client;
class connector_state;
}  // namespace detail
class service_watcher;

/// What can be asked at once is asked at once; additional records of an answer save the questions
/// they match (RFC 6763 §12). Answers are kept for their TTL, and beyond it for as long as DNS
/// gives none (RFC 8767); the same question asked by many becomes one query. Cheap to copy: copies
/// share what is kept. Thread safe. It may outlive its executor's context; then it can only be
/// destroyed.
class resolver {
 public:
  using executor_type = boost::asio::any_io_executor;

  /// The name servers of /etc/resolv.conf, which is looked at again as time passes: after a change
  /// nothing learned from other servers counts as fresh. Throws boost::system::system_error when
  /// the file is unreadable.
  explicit resolver(executor_type executor, const resolver_options& options = {});
  explicit resolver(dns_client client, const resolver_options& options = {});

  /// The name servers of a text, for every name; resolv.conf is not looked at:
  /// `from_servers(io, "127.0.0.1#5353")`. Several are separated by commas or blanks, and asked in
  /// that order. Each is what name_server::from_text reads (`ADDR`, `ADDR#PORT`, `[ADDR]:PORT`,
  /// `tls://ADDR@NAME`), or `file:PATH`, a zone file. `options.adapt` may change what came of it.
  /// Throws boost::system::system_error, whose what() tells which part is wrong: the errors of
  /// name_server::from_text and zone::load, bad_address for one that no server can have,
  /// no_name_servers for no text.
  [[nodiscard]] static resolver from_servers(executor_type executor, std::string_view servers,
                                             const resolver_options& options = {});

  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Completes with void(error_code, service), never inside the initiating call. Success: at least
  /// one endpoint has a port and an address. Errors: nxdomain, no_data (no such service),
  /// service_unavailable (target "."), no_matching_instance, no_usable_endpoint, out_of_domain,
  /// not_authenticated; query_timed_out, server_failure and the other transient ones when nothing
  /// is known (the service then holds what was learned); operation_aborted. Every cancellation type
  /// ends the walk; emit the signal on the handler's executor.
  template <class CompletionToken>
  auto async_resolve(const service_query& query, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, service)>(
        [](auto handler, std::shared_ptr<detail::caching_client> client, const service_query& q) {
          start_resolve(std::move(client), q, std::move(handler));
        },
        token, client_, query);
  }

  /// Asks for the PTR records of one name, e.g. a service type or one of the names below. Completes
  /// with void(error_code, browse_result); errors as above. An existing name without PTR records,
  /// and a name that does not exist, are no_data and nxdomain with an empty result.
  template <class CompletionToken>
  auto async_browse(const name& ptr_owner, std::chrono::milliseconds timeout, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, browse_result)>(
        [](auto handler, std::shared_ptr<detail::caching_client> client, const name& owner,
           std::chrono::milliseconds limit) { start_browse(std::move(client), owner, limit, std::move(handler)); },
        token, client_, ptr_owner, timeout);
  }

  [[nodiscard]] resolver_statistics statistics() const;
  /// Forgets every answer. What is under way goes on, and is not kept; what a connector knows
  /// counts as past its TTL.
  void clear_cache();

 private:
  friend class service_watcher;
  friend class detail::connector_state;

  static void start_resolve(std::shared_ptr<detail::caching_client> client, const service_query& query,
                            boost::asio::any_completion_handler<void(error_code, service)> handler);
  static void start_browse(std::shared_ptr<detail::caching_client> client, const name& owner,
                           std::chrono::milliseconds timeout,
                           boost::asio::any_completion_handler<void(error_code, browse_result)> handler);

  std::shared_ptr<detail::caching_client> client_;
};

/// `_services._dns-sd._udp.<domain>`: the service types of a domain (RFC 6763 §9). Only the first
/// two labels of each target count.
[[nodiscard]] result<name> type_enumeration_name(const name& domain);

/// `b`, `db`, `r`, `dr` and `lb` below `_dns-sd._udp.<domain>` (RFC 6763 §11).
enum class domain_enumeration { browse, default_browse, registration, default_registration, legacy_browse };
/// "browse", "default browse", ...
[[nodiscard]] std::string_view to_string(domain_enumeration kind) noexcept;
[[nodiscard]] result<name> domain_enumeration_name(domain_enumeration kind, const name& domain);

}  // namespace sdconnect
