/// \file
/// A running helper: its listeners, workers, settings and status.
#pragma once

#include "helper/run/helper_options.hpp"
#include "helper/run/shared_state.hpp"
#include "helper/run/udp_forward.hpp"
#include "helper/run/worker.hpp"
#include "helper/status/service_meter.hpp"
#include "helper/status/status_pages.hpp"
#include "helper/status/status_server.hpp"
#include "program/daemon/log.hpp"
#include "program/daemon/socket_activation.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sdconnect::helper {

/// Ports on which a helper listens, of the last listener of each kind; 0: there is none.
struct helper_ports {
  std::uint16_t proxy = 0;
  std::uint16_t forward = 0;
  std::uint16_t status = 0;
};

/// Lives in one thread, and has further ones for more workers. Use it only on the executor of `io`,
/// and destroy it before `io`.
class helper final : public status_source {
 public:
  /// Makes a resolver for `options`. Throws failure.
  using resolver_maker = std::function<resolver(boost::asio::any_io_executor)>;

  helper(boost::asio::io_context& io, const cli::logger& log, std::string version);
  helper(const helper&) = delete;
  helper& operator=(const helper&) = delete;
  ~helper() override;

  /// Opens all listeners, or takes them from `activated`. Throws failure that names the address; then
  /// nothing has changed. Called again it changes to the new options: listeners that stay go on, and
  /// so do all connections. `asking` describes what DNS is asked and how; while it stays the same,
  /// what is known of services is kept.
  void apply(helper_options options, const std::string& asking, const resolver_maker& make,
             std::vector<cli::activated_socket> activated = {});

  /// Where it listens, for people: "127.0.0.1:5432 _pgsql._tcp.example.com.", one for each listener.
  [[nodiscard]] std::vector<std::string> listening() const;
  [[nodiscard]] helper_ports ports() const;

  /// Ends when the last client has left, or after helper_options::drain; then calls `done`.
  void drain(std::function<void()> done);
  /// Number of clients now.
  [[nodiscard]] std::uint64_t clients() const noexcept { return shared_.clients; }

  // status_source
  [[nodiscard]] helper_status snapshot() override;
  [[nodiscard]] std::string why_not_ready() override;
  [[nodiscard]] std::string perform(const status_action& action) override;

 private:
  struct way {
    std::shared_ptr<const door> through;
    std::shared_ptr<udp_forward> udp;  // instead of workers
  };
  struct thread_worker;

  void start_workers(unsigned count);
  void on_every_worker(const std::function<void(worker&)>& what);
  [[nodiscard]] std::map<std::string, door> wanted_doors(const helper_options& options) const;
  /// Opens the sockets of a new listener, one for each thread where they can share a port.
  [[nodiscard]] static std::vector<detail::descriptor> open_door(door& which, unsigned threads,
                                                                 std::vector<cli::activated_socket>& activated);
  void open_status(const helper_options& options, std::vector<cli::activated_socket>& activated);
  void publish_listeners();
  void wait_for_clients();
  void note_changes();

  boost::asio::io_context& io_;
  std::string version_;
  shared_state shared_;
  std::string asking_;
  std::vector<std::unique_ptr<thread_worker>> workers_;  // the first one runs in this thread
  std::map<std::string, way> ways_;
  std::optional<listen_address> status_at_;
  std::unique_ptr<status_server> status_;
  std::map<name, service_meter> meters_;
  service_totals forgotten_;                    // of services that were dropped
  std::map<std::string, std::string> healths_;  // of endpoints, for the list of changes
  boost::asio::steady_timer drain_timer_;
  boost::asio::steady_timer watch_timer_;
  std::function<void()> drained_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point drain_until_{};
  bool is_draining_ = false;
};

}  // namespace sdconnect::helper
