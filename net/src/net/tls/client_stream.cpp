#include "net/tls/client_stream.hpp"

#include "net/tls/tls_client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>

#include <utility>
#include <vector>

namespace sdconnect::detail {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

class stream_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "sdconnect.stream"; }
  std::string message(int) const override { return "connection closed without an answer"; }
  boost::system::error_condition default_error_condition(int) const noexcept override {
    return make_error_condition(condition::bad_peer);
  }
};

}  // namespace

client_stream::client_stream(tcp::socket socket) : stream_(std::move(socket)), is_authenticated_(true) {}

client_stream::client_stream(tcp::socket socket, std::shared_ptr<asio::ssl::context> context, const std::string& peer,
                             const std::string& server_name)
    : context_(std::move(context)),
      stream_(std::in_place_type<tls_socket>, std::move(socket), *context_),
      is_authenticated_(false) {
  expect_peer(std::get<tls_socket>(stream_).native_handle(), peer, server_name);
}

asio::any_io_executor client_stream::get_executor() { return socket().get_executor(); }

void client_stream::offer(std::string_view protocol) {
  tls_socket* const stream = std::get_if<tls_socket>(&stream_);
  if (stream == nullptr) return;
  std::vector<unsigned char> encoded{static_cast<unsigned char>(protocol.size())};
  encoded.insert(encoded.end(), protocol.begin(), protocol.end());
  SSL_set_alpn_protos(stream->native_handle(), encoded.data(), static_cast<unsigned>(encoded.size()));
}

void client_stream::async_handshake(std::function<void(error_code)> done) {
  if (is_authenticated_) return asio::post(get_executor(), [done = std::move(done)] { done({}); });
  tls_socket& stream = std::get<tls_socket>(stream_);
  stream.async_handshake(asio::ssl::stream_base::client, [this, &stream, done = std::move(done)](error_code ec) {
    is_authenticated_ = !ec;
    done(ec ? handshake_failure(stream.native_handle(), ec) : ec);
  });
}

void client_stream::async_write(std::string_view octets, handler done) {
  std::visit([&](auto& stream) { asio::async_write(stream, asio::buffer(octets), std::move(done)); }, stream_);
}

void client_stream::async_read_some(std::span<char> into, handler done) {
  const auto buffer = asio::buffer(into.data(), into.size());
  std::visit([&](auto& stream) { stream.async_read_some(buffer, std::move(done)); }, stream_);
}

void client_stream::close() noexcept {
  error_code ignored;
  socket().close(ignored);
}

std::string client_stream::tls_version() const {
  const tls_socket* const stream = std::get_if<tls_socket>(&stream_);
  return stream != nullptr ? SSL_get_version(const_cast<tls_socket*>(stream)->native_handle()) : std::string();
}

tcp::socket& client_stream::socket() {
  if (tcp::socket* const plain = std::get_if<tcp::socket>(&stream_)) return *plain;
  return std::get<tls_socket>(stream_).next_layer();
}

bool is_cut_tls(error_code ec) noexcept { return ec == asio::ssl::error::stream_truncated; }

error_code closed_unanswered() noexcept {
  static const stream_category_type category;
  return {1, category};
}

}  // namespace sdconnect::detail
