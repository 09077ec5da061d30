#include "connect/probe/probe_kinds.hpp"

#include <utility>

namespace sdconnect::detail {
namespace {

class tls_probe final : public connected_probe {
 public:
  using connected_probe::connected_probe;

 private:
  void on_connected(client_stream& stream) override {
    arm_deadline();
    stream.async_handshake([self = shared_from_this(), this, &stream](error_code ec) {
      if (!is_pending()) return;
      if (ec) return finish(answer_fault(ec));
      seen().tls_version = stream.tls_version();
      finish({});
    });
  }
};

}  // namespace

std::shared_ptr<probe_operation> make_tls_probe(probe_operation::task given) {
  return std::make_shared<tls_probe>(std::move(given));
}

}  // namespace sdconnect::detail
