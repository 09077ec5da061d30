/// \file
/// What was wrong with an endpoint that `get` was connected to, and with all of them.
#pragma once

#include "net/http/http_exchange.hpp"
#include "program/report.hpp"
#include "sd-connect/options/options.hpp"
#include "sdconnect/balancer/outcome.hpp"
#include "sdconnect/connect/connection.hpp"

#include <span>
#include <string>

namespace sdconnect::cli {

struct get_fault {
  exit_code code{};
  std::string what, where, hint;
};

/// One cause has one exit code, however the peer brings it about: 77 a certificate that is not
/// accepted, 76 no TLS, no HTTP, or an end before the first octet of a response, 74 a response that
/// breaks off, 69 no answer in time. REQUIRES: outcome.error.
[[nodiscard]] get_fault fault_of(const options& opts, const detail::http_outcome& outcome, const connection& made);

/// Returns what to write beside the attempt.
[[nodiscard]] error_code cause_of(const detail::http_outcome& outcome);
/// Returns what it says about the endpoint.
[[nodiscard]] outcome_kind kind_of(const detail::http_outcome& outcome);

[[nodiscard]] failure line_of(const get_fault& fault);

/// True if a peer reset its connection at once, so that the connect failed, or would have succeeded
/// a moment earlier.
[[nodiscard]] bool was_reset(const connection& tried);

/// Returns the failure of the command: that of the endpoints that accepted a connection if it is
/// the same for all, otherwise 69. REQUIRES: `faults` is not empty, or was_reset(tried).
[[nodiscard]] failure failure_of_all(const options& opts, std::span<const get_fault> faults, const connection& tried);

}  // namespace sdconnect::cli
