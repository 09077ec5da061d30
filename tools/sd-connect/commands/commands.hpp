/// \file
/// The subcommands, one file each. To add one, declare it here and add a row in sd_connect.cpp.
#pragma once

#include "program/exit_code.hpp"
#include "sd-connect/options/options.hpp"

namespace sdconnect::cli {

exit_code run_relay(const options&);
exit_code run_get(const options&);
exit_code run_resolve(const options&);
exit_code run_browse(const options&);
exit_code run_pick(const options&);
exit_code run_exec(const options&);
exit_code run_watch(const options&);
exit_code run_check(const options&);
exit_code run_demo(const options&);

}  // namespace sdconnect::cli
