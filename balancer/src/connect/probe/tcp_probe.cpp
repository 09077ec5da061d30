#include "connect/probe/probe_kinds.hpp"

#include <utility>

namespace sdconnect::detail {
namespace {

class tcp_probe final : public connected_probe {
 public:
  using connected_probe::connected_probe;

 private:
  void on_connected(client_stream&) override { finish({}); }
};

}  // namespace

std::shared_ptr<probe_operation> make_tcp_probe(probe_operation::task given) {
  return std::make_shared<tcp_probe>(std::move(given));
}

}  // namespace sdconnect::detail
