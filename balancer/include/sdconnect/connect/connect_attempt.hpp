/// \file
/// What a connect tried, and what kept it from trying more. No Asio here.
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
  std::size_t endpoint_index = 0;  ///< into the order tried
  name target;
  ip_address address;
  std::uint16_t port = 0;
  std::uint16_t priority = 0;
  std::chrono::microseconds started{};  ///< since the first attempt
  std::chrono::microseconds elapsed{};
  error_code result;  ///< operation_aborted: another attempt won first
};

/// What kept a connect from trying more than it did.
struct connect_restraint {
  bool retry_budget = false;  ///< it was exhausted (connector_options::retries)
  bool rate = false;          ///< the next attempt still waited for its turn (connector_options::rate)
  std::size_t at_limit = 0;   ///< endpoints left out, with as many in flight as balancer_options::max_in_flight allows
  std::size_t untried = 0;    ///< other endpoints that were not tried
};

}  // namespace sdconnect
