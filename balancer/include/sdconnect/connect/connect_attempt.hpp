/// \file
/// The attempts of a connect, and what kept it from trying more. Does not use Asio.
#pragma once

#include "sdconnect/dns/name.hpp"
#include "sdconnect/net/error.hpp"
#include "sdconnect/net/ip_address.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sdconnect {

/// One address of one endpoint that was tried.
struct connect_attempt {
  std::size_t endpoint_index = 0;  ///< index into the order tried
  name target;
  ip_address address;
  std::uint16_t port = 0;
  std::uint16_t priority = 0;
  std::chrono::microseconds started{};  ///< since the first attempt
  std::chrono::microseconds elapsed{};
  error_code result;  ///< operation_aborted: another attempt won first
};

/// An endpoint that could have been tried and was not.
struct untried_endpoint {
  name target;
  std::uint16_t port = 0;
  std::uint16_t priority = 0;
};

/// What kept a connect from trying more.
struct connect_restraint {
  bool retry_budget = false;  ///< the budget was exhausted (connector_options::retries)
  /// The next attempt would have had to wait beyond the deadline (connector_options::rate).
  bool rate = false;
  /// Number of endpoints left out because as many uses are in flight as
  /// balancer_options::max_in_flight allows.
  std::size_t at_limit = 0;
  bool deadline = false;    ///< the deadline passed
  std::size_t untried = 0;  ///< number of other endpoints that were not tried
};

}  // namespace sdconnect
