/// \file
/// The certificate authorities of --ca.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace sdconnect::cli {

/// Throws failure (66) if the CA file is unusable.
void require_ca_file(const std::string& path);

/// Returns the context of a TLS client that trusts the authorities in `ca_file`, or those of the
/// system if `ca_file` is empty. Throws as above.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> tls_context(const std::string& ca_file);

}  // namespace sdconnect::cli
