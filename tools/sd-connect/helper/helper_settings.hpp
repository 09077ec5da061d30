/// \file
/// What the layers of options say about a helper.
#pragma once

#include "helper/run/helper_options.hpp"
#include "program/daemon/log.hpp"
#include "program/parse.hpp"
#include "sd-connect/options/options.hpp"

#include <memory>
#include <string>

namespace sdconnect::cli {

struct helper_settings {
  std::shared_ptr<const options> common;  ///< what all commands share
  helper::helper_options helper;
  /// Everything that decides what DNS is asked and how connections are made, as text: while it stays
  /// the same, a reload keeps what is known.
  std::string asking;
  log_options log;
};

/// Throws failure with the blame of the value that is wrong.
[[nodiscard]] helper_settings helper_settings_of(const invocation& said);

/// The name of the service that the value names, as a name or a URL. Throws failure.
[[nodiscard]] name service_of(const setting& said);

}  // namespace sdconnect::cli
