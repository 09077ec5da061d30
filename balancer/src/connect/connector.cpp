#include "sdconnect/connect/connector.hpp"

#include "connect/connect_operation.hpp"

#include <utility>

namespace sdconnect {

connector::connector(resolver with, connect_options options, random_engine random)
    : resolver_(std::move(with)), options_(options), random_(std::make_shared<random_engine>(random)) {}

void connector::start(const service_query& query,
                      boost::asio::any_completion_handler<void(error_code, connection)> handler) const {
  connect_operation::completion_type done(std::move(handler), get_executor());
  std::make_shared<connect_operation>(resolver_, options_, random_, std::move(done))->start(query);
}

}  // namespace sdconnect
