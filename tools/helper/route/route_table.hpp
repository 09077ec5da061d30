/// \file
/// Decides what a destination of a proxy stands for: a service, a plain host, or nothing.
#pragma once

#include "helper/route/srv_ports.hpp"
#include "program/value_text.hpp"
#include "sdconnect/dns/name.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::helper {

/// `--map HOST[:PORT]=SERVICE`: a plain name stands for a service.
struct host_mapping {
  name host;
  std::optional<std::uint16_t> port;  ///< unset: every port
  name service;

  friend bool operator==(const host_mapping&, const host_mapping&) = default;
};
[[nodiscard]] cli::parsed<host_mapping> host_mapping_from_text(std::string_view text);

struct route_options {
  std::vector<name> allowed = {};  ///< domains of services; empty: any
  std::vector<host_mapping> mappings = {};
  srv_ports ports = {};  ///< plain destinations with these ports are looked up as services
  bool allow_direct = false;

  friend bool operator==(const route_options&, const route_options&) = default;
};

/// A destination as the client sent it.
struct destination {
  std::string host;         ///< for messages
  std::vector<name> names;  ///< what the host may mean, in the order to be tried; empty: no name, or an address
  std::uint16_t port = 0;
  std::optional<ip_address> address = {};  ///< if the host is an address
};

enum class route_kind : std::uint8_t {
  service,          ///< connect to the first of `names` that is a service
  service_or_host,  ///< `names` has one SRV name; without SRV records, the host itself
  direct,           ///< the host itself
  refused,
};

struct route {
  route_kind kind = route_kind::refused;
  std::vector<name> names = {};
  std::string reason = {};      ///< why it is refused; a phrase for people
  bool is_misdirected = false;  ///< the destination is refused because it is no service, not by policy
};

/// Rules, in this order:
///  1. A mapping of HOST:PORT, then one of HOST.
///  2. A service name (it has a label _tcp): a service, in the allowed domains only. The port has
///     no meaning: SRV records tell it.
///  3. A host whose port is in the table of ports: the service of that name, in the allowed domains
///     only; without SRV records the host, if direct connects are allowed.
///  4. Everything else, addresses included: direct, if that is allowed.
/// Asks no DNS. Const access is thread safe.
class route_table {
 public:
  explicit route_table(route_options options) : options_(std::move(options)) {}

  [[nodiscard]] route find(const destination& to) const;
  [[nodiscard]] const route_options& options() const noexcept { return options_; }

 private:
  [[nodiscard]] const host_mapping* mapping_of(const destination& to) const;
  [[nodiscard]] bool is_allowed(const name& service) const;

  route_options options_;
};

}  // namespace sdconnect::helper
