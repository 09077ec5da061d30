/// \file
/// Resolves a service name to its endpoints over unicast DNS: PTR, SRV, TXT and address records
/// (RFC 6763, RFC 2782).
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

/// Asks independent questions at the same time. Additional records of an answer replace the
/// questions that they answer (RFC 6763 §12). Keeps answers for their TTL, and beyond it while DNS
/// gives no answer (RFC 8767). Callers that ask the same question at the same time share one query.
/// Cheap to copy: copies share the cache. Thread safe. A resolver may outlive its executor's
/// context; after that it can only be destroyed.
class resolver {
 public:
  using executor_type = boost::asio::any_io_executor;

  /// Uses the name servers of /etc/resolv.conf and checks the file for changes while it is in use.
  /// After a change, answers of other servers no longer count as fresh. Throws
  /// boost::system::system_error if the file is unreadable.
  explicit resolver(executor_type executor, const resolver_options& options = {});
  explicit resolver(dns_client client, const resolver_options& options = {});

  /// Uses the name servers listed in `servers` for every name and ignores resolv.conf:
  /// `from_servers(io, "127.0.0.1#5353")`. Commas or blanks separate the servers; the resolver asks
  /// them in that order. Each is a text that name_server::from_text reads (`ADDR`, `ADDR#PORT`,
  /// `[ADDR]:PORT`, `tls://ADDR@NAME`), or `file:PATH`, a zone file. `options.adapt` may change the
  /// resulting options. Throws boost::system::system_error, whose what() names the faulty part: the
  /// errors of name_server::from_text and zone::load, bad_address for an address that no server can
  /// have, no_name_servers for an empty text.
  [[nodiscard]] static resolver from_servers(executor_type executor, std::string_view servers,
                                             const resolver_options& options = {});

  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Completes with void(error_code, service), never inside the initiating call. Success: at least
  /// one endpoint has a port and an address. Errors: nxdomain, no_data (no such service),
  /// service_unavailable (target "."), no_matching_instance, no_usable_endpoint, out_of_domain,
  /// not_authenticated; query_timed_out, server_failure and the other transient errors if nothing
  /// is known (the service then holds the results so far); operation_aborted. Every cancellation
  /// type ends the operation. Emit the signal on the handler's executor.
  template <class CompletionToken>
  auto async_resolve(const service_query& query, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, service)>(
        [](auto handler, std::shared_ptr<detail::caching_client> client, const service_query& q) {
          start_resolve(std::move(client), q, std::move(handler));
        },
        token, client_, query);
  }

  /// Asks for the PTR records of one name, e.g. a service type or one of the names below. Leaves
  /// out targets that are no service instance, or no service type, with a warning (RFC 6763 §4.1,
  /// §7, §9). Completes with void(error_code, browse_result). Errors: as above. no_data (the name
  /// exists without PTR records), nxdomain (the name does not exist) and no_usable_endpoint (all
  /// targets were left out) come with an empty result.
  template <class CompletionToken>
  auto async_browse(const name& ptr_owner, std::chrono::milliseconds timeout, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, void(error_code, browse_result)>(
        [](auto handler, std::shared_ptr<detail::caching_client> client, const name& owner,
           std::chrono::milliseconds limit) { start_browse(std::move(client), owner, limit, std::move(handler)); },
        token, client_, ptr_owner, timeout);
  }

  [[nodiscard]] resolver_statistics statistics() const;
  /// Removes all answers from the cache. Pending operations continue, but their answers are not
  /// kept. The data that a connector holds count as past their TTL.
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

/// Returns `_services._dns-sd._udp.<domain>`, whose PTR records list the service types of a domain
/// (RFC 6763 §9).
[[nodiscard]] result<name> type_enumeration_name(const name& domain);

/// `b`, `db`, `r`, `dr` and `lb` below `_dns-sd._udp.<domain>` (RFC 6763 §11).
enum class domain_enumeration { browse, default_browse, registration, default_registration, legacy_browse };
/// "browse", "default browse", ...
[[nodiscard]] std::string_view to_string(domain_enumeration kind) noexcept;
[[nodiscard]] result<name> domain_enumeration_name(domain_enumeration kind, const name& domain);

}  // namespace sdconnect
