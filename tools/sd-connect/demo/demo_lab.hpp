/// \file
/// The environment of `sd-connect demo`: a zone, its name server and its HTTP backends, all on
/// loopback.
#pragma once

#include "lab/background.hpp"
#include "lab/http_backend.hpp"
#include "lab/name_server.hpp"
#include "sd-connect/options/options.hpp"
#include "sdconnect/dns/zone.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace sdconnect::cli {

/// Ports on which the backends of the built-in zone listen.
struct demo_ports {
  std::uint16_t host1 = 0;
  std::uint16_t host2 = 0;
  std::uint16_t host3 = 0;
  std::uint16_t host100 = 0;
};

/// The master file of unilans.net: a service in two versions. The first version has two hosts that
/// share its load 30 to 10, and a spare host.
[[nodiscard]] std::string demo_zone_text(const demo_ports& ports);

class demo_backends {
 public:
  demo_backends() = default;

  /// Starts the backends of the built-in zone, each on its own loopback address (all of 127.0.0.0/8
  /// is local) and a free port. Throws system_error if an address is not available.
  void start_built_in();
  // REQUIRES: start_built_in().
  [[nodiscard]] demo_ports ports() const;
  [[nodiscard]] lab::http_backend& host1() noexcept { return *host1_; }
  [[nodiscard]] lab::http_backend& host2() noexcept { return *host2_; }
  [[nodiscard]] lab::http_backend& host100() noexcept { return *host100_; }

  /// Starts one more backend. Throws system_error if the address is in use.
  lab::http_backend& start(const std::string& host, const std::string& address, std::uint16_t port = 0);

 private:
  lab::background thread_;
  std::deque<lab::http_backend> backends_;
  lab::http_backend* host1_ = nullptr;
  lab::http_backend* host2_ = nullptr;
  lab::http_backend* host3_ = nullptr;
  lab::http_backend* host100_ = nullptr;
};

class demo_name_server {
 public:
  explicit demo_name_server(zone served);

  [[nodiscard]] server_address address() const;
  [[nodiscard]] const zone& served() const noexcept { return *zone_; }
  /// The beginning of a command line of this program that asks this server.
  [[nodiscard]] std::string asking_command() const;
  /// Returns the user's options with this server as the only one and `service_name` as the service.
  [[nodiscard]] options asking(const options& base, const name& service_name) const;

 private:
  lab::background thread_;
  std::shared_ptr<const zone> zone_;
  lab::name_server server_;
};

}  // namespace sdconnect::cli
