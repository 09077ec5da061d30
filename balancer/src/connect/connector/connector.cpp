#include "sdconnect/connect/connector.hpp"

#include "connect/connector/connect_operation.hpp"
#include "connect/connector/connector_state.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sdconnect {

using namespace detail;

connector::connector(resolver with, const connector_options& options, random_engine random)
    : state_(std::make_shared<connector_state>(with, options)) {
  state_->attach(options, random);
}

connector::executor_type connector::get_executor() const noexcept { return state_->client->get_executor(); }

void connector::close() { state_->close(); }

void connector::reset_health() {
  const caching_client::turn mine(state_->client);
  if (state_->core) state_->core->reset_health(std::chrono::steady_clock::now());
}

std::shared_ptr<balancer> connector::find_balancer(const service_query& query) const {
  state_->client->look_around();
  caching_client::turn mine(state_->client);
  if (!state_->core) return nullptr;
  const connect_time now = state_->now_in(mine);
  const std::shared_ptr<live_service> known = state_->core->serve(query, now, state_->client->network_changes());
  known->view().warm(now.boot);
  known->take_news(now.steady);
  return {known->memory(), &known->memory()->balance};
}

std::vector<service_status> connector::status() const {
  std::vector<service_status> out;
  const caching_client::turn mine(state_->client);
  if (!state_->core) return out;
  const boot_clock::time_point now = state_->now_in(mine).boot;
  state_->core->for_each([&](const service_identity& identity, const live_service& service) {
    std::vector<endpoint_status> endpoints = service.memory()->balance.status();
    if (endpoints.empty()) return;
    service_status& added = out.emplace_back();
    added.query = identity.qname;
    added.endpoints = std::move(endpoints);
    if (const auto expires = service.view().expires())
      added.ttl_left =
          std::chrono::ceil<std::chrono::milliseconds>(std::max(*expires - now, boot_clock::duration::zero()));
    added.stale = service.view().view()->stale;
    added.status = service.view().status();
  });
  return out;
}

void connector::start(const service_query& query, std::optional<std::uint64_t> key,
                      boost::asio::any_completion_handler<void(error_code, connection)> handler) const {
  state_->client->look_around();
  connect_operation::completion_type done(std::move(handler), get_executor());
  std::make_shared<connect_operation>(state_, query, key, std::move(done))->start();
}

void connector::start_next(const service_query& query, connection failed, outcome_kind why,
                           boost::asio::any_completion_handler<void(error_code, connection)> handler) const {
  if (failed.use) failed.use->report(why);
  failed.use.reset();
  if (failed.has_socket()) (void)failed.release();
  connect_operation::completion_type done(std::move(handler), get_executor());
  const auto made = std::make_shared<connect_operation>(state_, query, std::nullopt, std::move(done));
  made->go_on_after(std::move(failed));
  made->start();
}

}  // namespace sdconnect
