#include "connect/probe/probe_tls.hpp"

#include "connect/probe/host_text.hpp"
#include "connect/probe/probe_error.hpp"
#include "transport/asio/tls_client.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/ssl.h>

#include <array>

namespace sdconnect {

void expect_endpoint(tls_socket& stream, const probe_settings& settings, const endpoint& where) {
  tls_settings peer;
  peer.server_name = settings.tls_name.empty() ? host_text(where.target) : settings.tls_name;
  ip_address address;
  if (const result<ip_address> literal = ip_address::from_text(peer.server_name)) {
    address = *literal;
    peer.server_name.clear();
  }
  expect_server(stream.native_handle(), peer, address);
}

void offer_http(tls_socket& stream) {
  static constexpr std::array<unsigned char, 9> protocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_set_alpn_protos(stream.native_handle(), protocols.data(), protocols.size());
}

error_code handshake_fault(tls_socket& stream, error_code ec) noexcept {
  const error_code reason = handshake_failure(stream.native_handle(), ec);
  const bool closed = reason == boost::asio::error::eof || reason == boost::asio::ssl::error::stream_truncated;
  return closed ? closed_unanswered() : reason;
}

std::string version_of(tls_socket& stream) { return SSL_get_version(stream.native_handle()); }

}  // namespace sdconnect
