#include "sd-connect/options/ca_file.hpp"

#include "net/tls/tls_client.hpp"
#include "program/report.hpp"

namespace sdconnect::cli {

namespace ssl = boost::asio::ssl;

void require_ca_file(const std::string& path) {
  ssl::context context(ssl::context::tls_client);
  error_code ec;
  context.load_verify_file(path, ec);
  if (ec) throw fail(exit_code::no_input, "cannot use the CA file", in_quotes(path), ec.message());
}

std::shared_ptr<ssl::context> tls_context(const std::string& ca_file) {
  if (!ca_file.empty()) require_ca_file(ca_file);
  return detail::make_tls_context({.server_name = {}, .pins = {}, .ca_file = ca_file}).value();
}

}  // namespace sdconnect::cli
