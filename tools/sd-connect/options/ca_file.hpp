/// \file
/// The authorities of --ca.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace sdconnect::cli {

/// Throws failure: 66 for a CA file that cannot be used.
void require_ca_file(const std::string& path);

/// Of a TLS client that trusts the authorities in `ca_file`, or those of the system if that is
/// empty. Throws as above.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> tls_context(const std::string& ca_file);

}  // namespace sdconnect::cli
