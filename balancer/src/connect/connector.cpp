#include "sdconnect/connect/connector.hpp"

#include "connect/connect_operation.hpp"
#include "connect/connector_state.hpp"

#include <utility>

namespace sdconnect {

connector::connector(resolver with, const connector_options& options, random_engine random)
    : state_(std::make_shared<connector_state>(std::move(with), options, random, std::chrono::steady_clock::now())) {}

connector::executor_type connector::get_executor() const noexcept { return state_->find.get_executor(); }

void connector::reset_health() { state_->reset_health(std::chrono::steady_clock::now()); }

std::shared_ptr<balancer> connector::find_balancer(const service_query& query) const {
  const service_identity identity(state_->narrowed(query));
  const std::shared_ptr<served_service> known = state_->services.find(identity, std::chrono::steady_clock::now());
  return known ? std::shared_ptr<balancer>(known, &known->balance) : nullptr;
}

std::vector<service_status> connector::status() const {
  std::vector<service_status> out;
  state_->services.for_each([&](const service_identity& identity, const served_service& service) {
    out.push_back({identity.qname, service.balance.status()});
  });
  return out;
}

void connector::start(const service_query& query, std::optional<std::uint64_t> key,
                      boost::asio::any_completion_handler<void(error_code, connection)> handler) const {
  connect_operation::completion_type done(std::move(handler), get_executor());
  std::make_shared<connect_operation>(state_, key, std::move(done))->start(query);
}

}  // namespace sdconnect
