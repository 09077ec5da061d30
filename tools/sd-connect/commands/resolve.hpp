/// \file
/// How a resolved service is shown, apart from running the command.
#pragma once

#include "sd-connect/options/options.hpp"
#include "sdconnect/resolver/service.hpp"

#include <string>

namespace sdconnect::cli {

/// The data of `resolve` in the form that `opts` asks for: endpoints, and in a table also the TXT
/// of each instance.
[[nodiscard]] std::string service_listing(const options& opts, const service& found, bool colored);

/// Whether what was found is worth showing although it cannot be used. After a silence of DNS it is
/// not: an empty list would read as "none".
[[nodiscard]] bool is_an_answer(error_code ec);

}  // namespace sdconnect::cli
