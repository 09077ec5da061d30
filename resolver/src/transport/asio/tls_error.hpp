/// \file
/// Why a TLS server was not accepted, as error codes: OpenSSL's verdict on its certificate, and our
/// own.
#pragma once

#include "sdconnect/error/error.hpp"

namespace sdconnect {

/// `verdict` is an X509_V_ERR_... of OpenSSL. "certificate not accepted: hostname mismatch";
/// refused_by_policy.
[[nodiscard]] error_code certificate_error(long verdict) noexcept;
/// "certificate not accepted: key is none of the pinned ones"; refused_by_policy.
[[nodiscard]] error_code pin_mismatch() noexcept;
/// "CA file not usable"; bad_input.
[[nodiscard]] error_code unusable_ca_file() noexcept;

}  // namespace sdconnect
