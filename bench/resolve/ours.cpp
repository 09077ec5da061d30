#include "bench/resolve/clients.hpp"
#include "bench/support/knot_server.hpp"
#include "sdconnect/transport/dns_client.hpp"
#include "support/endpoint_joiner.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>

namespace sdconnect::bench {
namespace {

class our_asker final : public dns_asker {
 public:
  our_asker(std::uint16_t port, const names& asked) : client_(io_.get_executor(), options_for(port)) {
    for (const std::string& text : asked) questions_.push_back({name::from_text(text).value(), rr_type::srv});
  }

  std::size_t ask(std::size_t count, std::size_t in_flight) override {
    left_ = count;
    complete_ = 0;
    for (std::size_t i = 0; i < in_flight; ++i) ask_next();
    io_.restart();
    io_.run();
    return complete_;
  }

 private:
  static dns_client_options options_for(std::uint16_t port) {
    const auto server = name_server::at({ip_address::from_text("127.0.0.1").value(), port});
    return {.server_sets = {{name(), {server}}}};
  }

  void ask_next() {
    if (left_ == 0) return;
    --left_;
    const question& asked = questions_[next_];
    if (++next_ == questions_.size()) next_ = 0;
    client_.async_query(asked, dns_client::clock::now() + std::chrono::seconds(5),
                        [this](error_code ec, const query_result& result) {
                          if (!ec && is_complete(joiner_.join(result.answer))) ++complete_;
                          ask_next();
                        });
  }

  static bool is_complete(std::span<const endpoint> joined) {
    const auto has_both = [](const endpoint& e) { return e.addresses.size() == 2; };
    return joined.size() == endpoints_per_service && std::ranges::all_of(joined, has_both);
  }

  boost::asio::io_context io_{1};
  dns_client client_;
  std::vector<question> questions_;
  endpoint_joiner joiner_;
  std::size_t next_ = 0;
  std::size_t left_ = 0;
  std::size_t complete_ = 0;
};

}  // namespace

std::unique_ptr<dns_asker> make_ours(std::uint16_t port, const names& asked) {
  return std::make_unique<our_asker>(port, asked);
}

}  // namespace sdconnect::bench
