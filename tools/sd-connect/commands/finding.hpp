/// \file
/// The resolver of a command, built from its options.
#pragma once

#include "sd-connect/options/options.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace sdconnect::cli {

/// Uses the servers from the command line, the environment or the configuration. For names that
/// these do not cover, uses resolv.conf and follows its changes. Throws failure (66) if resolv.conf
/// is needed and unreadable.
[[nodiscard]] resolver resolver_of(boost::asio::any_io_executor executor, const options& opts);

/// Whether only name servers of this host, or zone files, are asked for `n`.
[[nodiscard]] bool is_asked_locally(const options& opts, const name& n);

}  // namespace sdconnect::cli
