// One request, and its response as far as the status.
//
//  1. Connect; with `over_tls` a handshake that proves who the peer is, else nothing is sent.
//  2. Send the request, "Connection: close" in it.
//  3. Read until the head of the final response is there; interim ones (1xx) are passed over. The
//     reader has limits for all of it, the deadline is for the whole probe.
//  4. Close: the body is of no interest.
#include "connect/probe/probe_error.hpp"
#include "connect/probe/probe_kinds.hpp"
#include "connect/probe/probe_tls.hpp"
#include "sdconnect/connect/http_request.hpp"
#include "sdconnect/connect/http_response.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace sdconnect {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class http_probe final : public connected_probe {
 public:
  using connected_probe::connected_probe;

 private:
  void on_connected(tcp::socket socket) override {
    arm_deadline();
    if (!settings().over_tls) {
      plain_.emplace(std::move(socket));
      return send(*plain_);
    }
    tls_.emplace(std::move(socket), *prepared().tls);
    expect_endpoint(*tls_, settings(), where());
    offer_http(*tls_);
    tls_->async_handshake(asio::ssl::stream_base::client, [self = shared_from_this(), this](error_code ec) {
      if (!is_pending()) return;
      if (ec) return finish(handshake_fault(*tls_, ec));
      seen().tls_version = version_of(*tls_);
      send(*tls_);
    });
  }

  template <class Stream>
  void send(Stream& stream) {
    const probe_settings& with = settings();
    request_ = request_text({.host = with.host.empty() ? host_of(where(), with.over_tls) : with.host,
                             .path = with.path,
                             .headers = with.headers,
                             .method = with.head_only ? "HEAD" : "GET",
                             .user_agent = with.user_agent});
    asio::async_write(stream, asio::buffer(request_), [self = shared_from_this(), this, &stream](error_code ec, auto) {
      if (!is_pending()) return;
      // A server may answer, and close, before it has read everything.
      (void)ec;
      receive(stream);
    });
  }

  template <class Stream>
  void receive(Stream& stream) {
    stream.async_read_some(asio::buffer(block_),
                           [self = shared_from_this(), this, &stream](error_code ec, std::size_t octets) {
                             if (!is_pending()) return;
                             const error_code fault = octets > 0 ? reader_.put({block_.data(), octets}) : ec;
                             // What is wrong behind the head belongs to the body.
                             if (seen().http_status) return finish(judgement());
                             has_answered_ = has_answered_ || octets > 0;
                             if (fault) return finish(cause(fault));
                             receive(stream);
                           });
  }

  [[nodiscard]] error_code judgement() {
    const unsigned status = *seen().http_status;
    const bool is_expected = std::ranges::any_of(settings().expected, [status](const http_status_range& range) {
      return status >= range.first && status <= range.last;
    });
    return is_expected ? error_code() : unexpected_status(status);
  }

  [[nodiscard]] error_code cause(error_code ec) {
    if (ec != asio::error::eof && ec != asio::ssl::error::stream_truncated) return ec;
    return has_answered_ ? reader_.put_end() : closed_unanswered();
  }

  void abandon() noexcept override {
    connected_probe::abandon();
    error_code ignored;
    if (plain_) plain_->close(ignored);
    if (tls_) tls_->next_layer().close(ignored);
  }

  std::optional<tcp::socket> plain_;
  std::optional<tls_socket> tls_;
  std::string request_;
  std::array<char, 4096> block_{};
  http_response_reader reader_{[this](const http_head& head) { seen().http_status = head.status; },
                               [](std::string_view) {}};
  bool has_answered_ = false;
};

}  // namespace

std::shared_ptr<probe_operation> make_http_probe(probe_operation::task given) {
  return std::make_shared<http_probe>(std::move(given));
}

}  // namespace sdconnect
