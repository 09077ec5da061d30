/// \file
/// What a user can do about a failure. A hint names only options that the user gave or can give,
/// and only steps that can help.
#pragma once

#include "sd-connect/options/options.hpp"
#include "sdconnect/resolver/service.hpp"

#include <string>

namespace sdconnect::cli {

/// Hint for a failed discovery or connection. `subject` is the name that the failure is about.
[[nodiscard]] std::string hint_of(error_code ec, const options& opts, const service& found, const name& subject);

/// For names below `local.` that a name server does not have, or does not answer for; otherwise empty.
[[nodiscard]] std::string multicast_hint(error_code ec, const name& subject);

}  // namespace sdconnect::cli
