/// \file
/// What the workers of one helper share.
#pragma once

#include "helper/route/route_table.hpp"
#include "helper/run/dialer.hpp"
#include "helper/run/helper_options.hpp"
#include "helper/run/ledger.hpp"
#include "program/daemon/log.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sdconnect::helper {

/// The addresses on which this helper listens. Thread safe.
class own_listeners {
 public:
  void set(std::vector<listen_address> all);
  /// Whether a TCP connection to this address would reach one of them (FAULTS O40): also by a mapped
  /// address, and by any address of this host if the listener has no particular one.
  [[nodiscard]] bool contains(const ip_address& address, std::uint16_t port) const;

 private:
  mutable std::mutex mutex_;
  std::vector<listen_address> all_;
};

/// What clients are served by. Immutable: a reload makes another one, which new clients use.
struct settings {
  helper_options options;
  route_table routes;
  std::shared_ptr<dialer> reach;
};

/// Counters of one listener. They continue through reloads that keep the listener.
struct door_counters {
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> refused = 0;  ///< by limits and routes
  std::atomic<std::uint64_t> failed = 0;   ///< no backend could be reached
  std::atomic<std::uint64_t> now = 0;
};

/// One way into the helper: a listening address and where it leads.
struct door {
  listen_address at;
  std::optional<forward_options> forward;  ///< unset: a proxy
  std::uint64_t key = 0;                   ///< of forward_options::affinity
  std::shared_ptr<door_counters> counters = std::make_shared<door_counters>();

  /// "proxy", or the text of the service.
  [[nodiscard]] std::string leads_to() const { return forward ? forward->service.to_text() : "proxy"; }
};

struct shared_state {
  explicit shared_state(const cli::logger& with) : log(with) {}

  [[nodiscard]] std::shared_ptr<const settings> current() const;
  void replace(std::shared_ptr<const settings> with);
  /// Returns an id for a connection, unique in this process: "c17".
  [[nodiscard]] std::string next_id() { return "c" + std::to_string(++last_id_); }

  const cli::logger& log;
  ledger book;
  own_listeners listeners;
  std::atomic<std::uint64_t> clients = 0;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const settings> settings_;
  std::atomic<std::uint64_t> last_id_ = 0;
};

}  // namespace sdconnect::helper
