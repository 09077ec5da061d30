/// \file
/// Lists the addresses of endpoints that a race tries.
#pragma once

#include "connect/race/race_context.hpp"
#include "sdconnect/dns/endpoint.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace sdconnect::detail {

/// Returns why a client must not connect to the address; no error if it may.
[[nodiscard]] error_code refusal_of(const ip_address& address) noexcept;

/// What is known about the addresses of an endpoint.
struct address_order {
  /// These come behind the other addresses of the endpoint. Empty: none.
  std::function<bool(const endpoint&, const ip_address&)> failed_lately = {};
  /// Addresses take turns: returns the number of the endpoint's turn. Empty: the addresses of a
  /// family are tried in the order of `endpoint::addresses`.
  std::function<std::uint64_t(const endpoint&)> turn = {};
  /// False: never to be tried (connect_options::admits). Empty: every address may be tried.
  std::function<bool(const endpoint&, const ip_address&)> admits = {};
};

/// Returns the candidates of endpoints in the order to be tried: all addresses of one endpoint,
/// then the next endpoint (RFC 2782 "Usage rules"). Inside an endpoint the families alternate, IPv6
/// first (RFC 8305 §4).
[[nodiscard]] std::vector<attempt_target> attempt_targets(std::span<const endpoint* const> order, bool use_ipv4,
                                                          bool use_ipv6, const address_order& with = {});

}  // namespace sdconnect::detail
