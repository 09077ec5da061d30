#include "connect/probe/probe_kinds.hpp"

#include <utility>

namespace sdconnect {
namespace {

class tcp_probe final : public connected_probe {
 public:
  using connected_probe::connected_probe;

 private:
  void on_connected(boost::asio::ip::tcp::socket) override { finish({}); }
};

}  // namespace

std::shared_ptr<probe_operation> make_tcp_probe(probe_operation::task given) {
  return std::make_shared<tcp_probe>(std::move(given));
}

}  // namespace sdconnect
