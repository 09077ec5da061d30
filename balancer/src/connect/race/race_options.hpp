/// \file
/// The part of connect_options that a race needs: all but the executor.
#pragma once

#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace sdconnect::detail {

class earlier_attempts;

struct race_options {
  std::chrono::milliseconds attempt_delay{250};
  std::chrono::milliseconds attempt_timeout{2000};
  std::chrono::steady_clock::time_point deadline{};
  std::optional<std::chrono::milliseconds> hedge_delay = {};
  bool use_ipv4 = true;
  bool use_ipv6 = true;
  /// connect_options::admits, for the service of this connect.
  std::function<bool(const endpoint&, const ip_address&)> admits = {};
  /// Set for the continuation of a connect: what it must not try again.
  std::shared_ptr<const earlier_attempts> earlier = {};
};

}  // namespace sdconnect::detail
