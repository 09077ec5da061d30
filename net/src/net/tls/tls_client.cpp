#include "net/tls/tls_client.hpp"

#include "net/tls/tls_error.hpp"

#include <openssl/evp.h>
#include <openssl/tls1.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace sdconnect::detail {
namespace {

namespace ssl = boost::asio::ssl;

bool is_pinned(X509* certificate, const std::vector<key_pin>& pins) {
  unsigned char* encoded = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
  if (size <= 0) return false;
  key_pin seen;
  unsigned digest_size = 0;
  const int digested =
      EVP_Digest(encoded, static_cast<std::size_t>(size), seen.digest.data(), &digest_size, EVP_sha256(), nullptr);
  CRYPTO_free(encoded, __FILE__, __LINE__);  // expansion of OPENSSL_free()
  return digested == 1 && std::ranges::find(pins, seen) != pins.end();
}

// Expansion of SSL_set_tlsext_host_name(), a macro with an old-style cast. An empty name sends none.
void send_server_name(SSL* connection, std::string name) {
  SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.empty() ? nullptr : name.data());
}

}  // namespace

result<std::shared_ptr<ssl::context>> make_tls_context(const tls_options& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  if (options.opportunistic || options.is_pinned_only()) {
    context->set_verify_mode(ssl::verify_none);
    return context;
  }
  context->set_verify_mode(ssl::verify_peer);
  error_code ec;
  if (options.ca_file.empty()) {
    context->set_default_verify_paths(ec);
  } else {
    context->load_verify_file(options.ca_file, ec);
  }
  if (ec) return unusable_ca_file();
  return context;
}

void expect_server(SSL* connection, const tls_options& options, const ip_address& address) {
  if (options.server_name.empty()) {
    // RFC 6066 §3 does not allow addresses in SNI.
    const ip_address plain = address.unmapped();
    X509_VERIFY_PARAM_set1_ip(SSL_get0_param(connection), plain.octets().data(), plain.octets().size());
    return;
  }
  // "*.example.com" matches one whole label, and not a part of one (RFC 6125 §6.4.3).
  SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set1_host(connection, options.server_name.c_str());
  send_server_name(connection, options.server_name);
}

void expect_peer(SSL* connection, const std::string& host, const std::string& server_name) {
  const result<ip_address> literal = ip_address::from_text(host);
  tls_options options;
  if (!literal) options.server_name = host;
  expect_server(connection, options, literal ? *literal : ip_address());
  send_server_name(connection, ip_address::from_text(server_name) ? std::string() : server_name);
}

error_code handshake_failure(SSL* connection, error_code ec) noexcept {
  const long verdict = SSL_get_verify_result(connection);
  return verdict == X509_V_OK || SSL_get_verify_mode(connection) == SSL_VERIFY_NONE ? ec : certificate_error(verdict);
}

error_code check_pins(SSL* connection, const tls_options& options) {
  if (options.pins.empty() || options.opportunistic) return {};
  if (options.is_pinned_only()) {
    const std::unique_ptr<X509, decltype(&X509_free)> own(SSL_get1_peer_certificate(connection), &X509_free);
    return own && is_pinned(own.get(), options.pins) ? error_code() : pin_mismatch();
  }
  const STACK_OF(X509)* chain = SSL_get0_verified_chain(connection);
  const auto certificates = ossl_check_const_X509_sk_type(chain);
  for (int i = 0; i < OPENSSL_sk_num(certificates); ++i) {
    if (is_pinned(static_cast<X509*>(OPENSSL_sk_value(certificates, i)), options.pins)) return {};
  }
  return pin_mismatch();
}

}  // namespace sdconnect::detail
