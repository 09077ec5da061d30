/// \file
/// The commands of the local helper. They read the configuration file again while they run, so they
/// take what was said and not its interpretation.
#pragma once

#include "program/exit_code.hpp"
#include "program/parse.hpp"
#include "sd-connect/options/options.hpp"

namespace sdconnect::cli {

exit_code run_forward(const invocation& said);
exit_code run_proxy(const invocation& said);
exit_code run_status(const invocation& said);
exit_code run_config(const invocation& said);
/// exec --proxy
exit_code run_behind_proxy(const options& opts, const invocation& said);

}  // namespace sdconnect::cli
