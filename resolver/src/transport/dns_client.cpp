#include "sdconnect/transport/dns_client.hpp"

#include "transport/query_operation.hpp"

#include <utility>

namespace sdconnect {

dns_client::dns_client(executor_type executor, dns_client_options options)
    : state_(std::make_shared<state>(std::move(executor), std::move(options))) {}

dns_client::executor_type dns_client::get_executor() const noexcept { return state_->executor; }

void dns_client::start(const question& asked, clock::time_point deadline,
                       boost::asio::any_completion_handler<void(error_code, query_result)> handler) {
  std::make_shared<query_operation>(state_, asked, deadline,
                                    query_operation::completion_type(std::move(handler), state_->executor))
      ->start();
}

}  // namespace sdconnect
