/// \file
/// The authorities of --ca.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include <string>

namespace sdconnect::cli {

/// Throws failure: 66 for a CA file that cannot be used.
void load_ca_file(boost::asio::ssl::context& context, const std::string& path);
void require_ca_file(const std::string& path);

}  // namespace sdconnect::cli
