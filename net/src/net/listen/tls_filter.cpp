#include "net/listen/tls_filter.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/tls1.h>

#include <array>

namespace sdconnect::detail {

namespace ssl = boost::asio::ssl;

struct tls_filter::impl {
  explicit impl(const tls_identity& identity)
      : says_goodbye(identity.says_goodbye), on_name(identity.on_name), context(ssl::context::tls_server) {
    context.use_certificate_chain(boost::asio::buffer(identity.certificate_pem));
    context.use_private_key(boost::asio::buffer(identity.key_pem), ssl::context::pem);
    if (identity.newest_version != 0) {
      // Debian's OpenSSL policy disables TLS 1.1; allow it so that a client can try it.
      SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context.native_handle(), identity.newest_version);
      SSL_CTX_set_security_level(context.native_handle(), 0);
    }
    connection.reset(SSL_new(context.native_handle()));
    in = BIO_new(BIO_s_mem());
    out = BIO_new(BIO_s_mem());
    SSL_set_bio(connection.get(), in, out);  // owns both
    SSL_set_accept_state(connection.get());
  }

  bool says_goodbye;
  bool is_named = false;
  std::function<void(const std::string&)> on_name;
  ssl::context context;
  std::unique_ptr<SSL, decltype(&SSL_free)> connection{nullptr, &SSL_free};
  BIO* in = nullptr;
  BIO* out = nullptr;
};

tls_filter::tls_filter(const tls_identity& identity) : impl_(std::make_unique<impl>(identity)) {}
tls_filter::~tls_filter() = default;

bool tls_filter::receive(std::span<const std::uint8_t> sent, std::vector<std::uint8_t>& plain) {
  SSL* connection = impl_->connection.get();
  BIO_write(impl_->in, sent.data(), static_cast<int>(sent.size()));
  std::array<std::uint8_t, 16384> block;
  for (;;) {
    const int count = SSL_read(connection, block.data(), static_cast<int>(block.size()));
    if (SSL_is_init_finished(connection) == 1 && !impl_->is_named) {
      impl_->is_named = true;
      const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
      if (impl_->on_name) impl_->on_name(name == nullptr ? std::string() : name);
    }
    if (count <= 0) return SSL_get_error(connection, count) == SSL_ERROR_WANT_READ;
    plain.insert(plain.end(), block.begin(), block.begin() + count);
  }
}

void tls_filter::send(std::span<const std::uint8_t> plain) {
  SSL_write(impl_->connection.get(), plain.data(), static_cast<int>(plain.size()));
}

void tls_filter::say_goodbye() {
  if (impl_->says_goodbye) SSL_shutdown(impl_->connection.get());
}

std::vector<std::uint8_t> tls_filter::take_output() {
  std::vector<std::uint8_t> octets(BIO_ctrl_pending(impl_->out));
  if (!octets.empty()) BIO_read(impl_->out, octets.data(), static_cast<int>(octets.size()));
  return octets;
}

}  // namespace sdconnect::detail
