/// \file
/// Error codes for a TLS server that the client does not accept: OpenSSL's verdict on its
/// certificate, and errors of this library.
#pragma once

#include "sdconnect/net/error.hpp"

#include <string>

namespace sdconnect::detail {

/// `verdict` is an X509_V_ERR_... of OpenSSL. Message: "certificate not accepted: hostname
/// mismatch"; condition: refused_by_policy.
[[nodiscard]] error_code certificate_error(long verdict) noexcept;
/// Returns what is wrong with the certificate, "hostname mismatch"; empty for any other error.
[[nodiscard]] std::string certificate_fault(error_code ec);
/// Message: "certificate not accepted: key is none of the pinned ones"; condition:
/// refused_by_policy.
[[nodiscard]] error_code pin_mismatch() noexcept;
/// Message: "CA file not usable"; condition: bad_input.
[[nodiscard]] error_code unusable_ca_file() noexcept;

}  // namespace sdconnect::detail
