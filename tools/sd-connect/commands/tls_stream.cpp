#include "program/report.hpp"
#include "sd-connect/commands/timed_stream.hpp"
#include "sd-connect/options/ca_file.hpp"
#include "sdconnect/dns/ip_address.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/tls1.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>

namespace sdconnect::cli {

namespace ssl = boost::asio::ssl;
using boost::asio::ip::tcp;

namespace {

ssl::context make_context(const tls_options& options) {
  ssl::context context(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(ssl::verify_peer);
  if (options.ca_file.empty()) {
    error_code ignored;
    context.set_default_verify_paths(ignored);
  } else {
    load_ca_file(context, options.ca_file);
  }
  return context;
}

/// The name the certificate must be valid for (RFC 9110 §4.3.4), and for a name also SNI (RFC 6066
/// §3 allows no addresses there).
void expect_peer(SSL* handle, const std::string& peer_name) {
  if (ip_address::from_text(peer_name).has_value()) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), peer_name.c_str());
    return;
  }
  // "*.example.com" covers one label, and no part of one.
  SSL_set_hostflags(handle, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set1_host(handle, peer_name.c_str());
  // SSL_set_tlsext_host_name(), a macro with an old-style cast, spelled out.
  std::string sni = peer_name;
  SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, sni.data());
}

void offer_http(SSL* handle) {
  static constexpr std::array<unsigned char, 9> protocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_set_alpn_protos(handle, protocols.data(), protocols.size());
}

[[noreturn]] void throw_handshake_failure(error_code ec, SSL* handle, const tls_options& options) {
  const long verdict = SSL_get_verify_result(handle);
  if (verdict != X509_V_OK) {
    throw fail(exit_code::refused, "certificate not accepted",
               fmt::format("{}, expected {}", options.where, in_quotes(options.peer_name)),
               X509_verify_cert_error_string(verdict));
  }
  if (ec == errc::deadline_passed) {
    throw fail(exit_code::unavailable, "no TLS handshake within the time limit", options.where, "raise --timeout");
  }
  const bool is_system_error = ec.category() == boost::system::system_category();
  throw fail(is_system_error ? exit_code::stream_broke : exit_code::protocol, "TLS handshake failed", options.where,
             ec.message());
}

/// The context outlives the stream made from it.
struct context_holder {
  ssl::context context;
};

class tls_stream final : private context_holder, public byte_stream {
 public:
  tls_stream(boost::asio::io_context& io, tcp::socket socket, const tls_options& options, time_point deadline)
      : context_holder{make_context(options)}, stream_(io, std::move(socket), context) {
    SSL* handle = stream_.next_layer().native_handle();
    expect_peer(handle, options.peer_name);
    offer_http(handle);
    const error_code ec = run_until(io, stream_.socket(), deadline, [this](auto handler) {
      stream_.next_layer().async_handshake(ssl::stream_base::client, std::move(handler));
    });
    if (ec) throw_handshake_failure(ec, handle, options);
  }

  error_code write(std::string_view octets, time_point deadline) override { return stream_.write(octets, deadline); }
  read_result read_some(std::span<char> into, std::optional<time_point> deadline) override {
    return stream_.read_some(into, deadline);
  }

 private:
  timed_stream<ssl::stream<tcp::socket>> stream_;
};

}  // namespace

std::unique_ptr<byte_stream> make_tls_stream(boost::asio::io_context& io, tcp::socket socket,
                                             const tls_options& options, byte_stream::time_point deadline) {
  return std::make_unique<tls_stream>(io, std::move(socket), options, deadline);
}

bool is_cut_tls(error_code ec) noexcept { return ec == ssl::error::stream_truncated; }

}  // namespace sdconnect::cli
