/// \file
/// Why a TLS server was not accepted, as error codes: OpenSSL's verdict on its certificate, and our
/// own.
#pragma once

#include "sdconnect/net/error.hpp"

#include <string>

namespace sdconnect::detail {

/// `verdict` is an X509_V_ERR_... of OpenSSL. "certificate not accepted: hostname mismatch";
/// refused_by_policy.
[[nodiscard]] error_code certificate_error(long verdict) noexcept;
/// What is wrong with the certificate, "hostname mismatch"; empty for any other error.
[[nodiscard]] std::string certificate_fault(error_code ec);
/// "certificate not accepted: key is none of the pinned ones"; refused_by_policy.
[[nodiscard]] error_code pin_mismatch() noexcept;
/// "CA file not usable"; bad_input.
[[nodiscard]] error_code unusable_ca_file() noexcept;

}  // namespace sdconnect::detail
