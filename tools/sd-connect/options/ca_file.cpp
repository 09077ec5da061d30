#include "sd-connect/options/ca_file.hpp"

#include "program/report.hpp"

namespace sdconnect::cli {

namespace ssl = boost::asio::ssl;

void load_ca_file(ssl::context& context, const std::string& path) {
  error_code ec;
  context.load_verify_file(path, ec);
  if (ec) throw fail(exit_code::no_input, "cannot use the CA file", in_quotes(path), ec.message());
}

void require_ca_file(const std::string& path) {
  ssl::context context(ssl::context::tls_client);
  load_ca_file(context, path);
}

}  // namespace sdconnect::cli
