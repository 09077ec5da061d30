#include "net/tls/tls_session.hpp"

#include "net/tls/tls_client.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/system/system_error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <climits>
#include <new>
#include <utility>

namespace sdconnect::detail {
namespace {

namespace asio = boost::asio;

error_code openssl_error() noexcept {
  const unsigned long code = ERR_get_error();
  if (code == 0) return asio::ssl::error::unspecified_system_error;
  return {static_cast<int>(code), asio::error::get_ssl_category()};
}

int openssl_size(std::size_t octets) noexcept {
  return static_cast<int>(std::min(octets, static_cast<std::size_t>(INT_MAX)));
}

}  // namespace

tls_session::tls_session(std::shared_ptr<asio::ssl::context> context, const tls_options& options,
                         const ip_address& server)
    : context_(std::move(context)), options_(options), session_(SSL_new(context_->native_handle())) {
  if (!session_) throw boost::system::system_error(openssl_error(), "TLS session");
  std::unique_ptr<BIO, decltype(&BIO_free)> input(BIO_new(BIO_s_mem()), &BIO_free);
  std::unique_ptr<BIO, decltype(&BIO_free)> output(BIO_new(BIO_s_mem()), &BIO_free);
  if (!input || !output) throw std::bad_alloc();
  SSL_set_bio(session_.get(), input_ = input.release(), output_ = output.release());
  SSL_set_mode(session_.get(), SSL_MODE_RELEASE_BUFFERS);  // reduces the memory of an idle connection
  SSL_set_connect_state(session_.get());
  expect_server(session_.get(), options_, server);
}

result<tls_session::progress> tls_session::handshake() {
  ERR_clear_error();
  const int returned = SSL_do_handshake(session_.get());
  if (returned == 1) {
    if (const error_code ec = check_pins(session_.get(), options_)) return ec;
    return progress::authenticated;
  }
  if (const error_code ec = failure(returned)) return handshake_failure(session_.get(), ec);
  return progress::wants_octets;
}

error_code tls_session::feed(std::span<const std::uint8_t> octets) {
  ERR_clear_error();
  while (!octets.empty()) {
    const int taken = BIO_write(input_, octets.data(), openssl_size(octets.size()));
    if (taken <= 0) return openssl_error();
    octets = octets.subspan(static_cast<std::size_t>(taken));
  }
  return {};
}

result<std::size_t> tls_session::read(std::span<std::uint8_t> block) {
  ERR_clear_error();
  const int returned = SSL_read(session_.get(), block.data(), openssl_size(block.size()));
  if (returned > 0) return static_cast<std::size_t>(returned);
  if (const error_code ec = failure(returned)) return ec;
  return std::size_t{0};
}

error_code tls_session::write(std::span<const std::uint8_t> octets) {
  ERR_clear_error();
  while (!octets.empty()) {
    // The output BIO takes any amount, so nothing remains to be written later.
    const int taken = SSL_write(session_.get(), octets.data(), openssl_size(octets.size()));
    if (taken <= 0) {
      const error_code ec = failure(taken);
      return ec ? ec : asio::ssl::error::unexpected_result;
    }
    octets = octets.subspan(static_cast<std::size_t>(taken));
  }
  return {};
}

void tls_session::say_goodbye() {
  ERR_clear_error();
  SSL_shutdown(session_.get());
  ERR_clear_error();
}

void tls_session::take_output(std::vector<std::uint8_t>& to) {
  const std::size_t pending = BIO_ctrl_pending(output_);
  if (pending == 0) return;
  const std::size_t before = to.size();
  to.resize(before + pending);
  const int taken = BIO_read(output_, to.data() + before, openssl_size(pending));
  to.resize(before + static_cast<std::size_t>(std::max(taken, 0)));
}

// Returns no error if OpenSSL only waits for more octets from the server.
error_code tls_session::failure(int returned) {
  switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_WANT_READ: return {};
    case SSL_ERROR_ZERO_RETURN: return asio::error::eof;
    case SSL_ERROR_SSL:
    case SSL_ERROR_SYSCALL: return openssl_error();
    default: return asio::ssl::error::unexpected_result;
  }
}

}  // namespace sdconnect::detail
