#include "connect/probe/probe_kinds.hpp"
#include "connect/probe/probe_tls.hpp"

#include <optional>
#include <utility>

namespace sdconnect {
namespace {

class tls_probe final : public connected_probe {
 public:
  using connected_probe::connected_probe;

 private:
  void on_connected(boost::asio::ip::tcp::socket socket) override {
    arm_deadline();
    stream_.emplace(std::move(socket), *prepared().tls);
    expect_endpoint(*stream_, settings(), where());
    stream_->async_handshake(boost::asio::ssl::stream_base::client, [self = shared_from_this(), this](error_code ec) {
      if (!is_pending()) return;
      if (ec) return finish(handshake_fault(*stream_, ec));
      seen().tls_version = version_of(*stream_);
      finish({});
    });
  }

  void abandon() noexcept override {
    connected_probe::abandon();
    error_code ignored;
    if (stream_) stream_->next_layer().close(ignored);
  }

  std::optional<tls_socket> stream_;
};

}  // namespace

std::shared_ptr<probe_operation> make_tls_probe(probe_operation::task given) {
  return std::make_shared<tls_probe>(std::move(given));
}

}  // namespace sdconnect
