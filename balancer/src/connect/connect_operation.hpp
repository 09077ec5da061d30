/// \file
/// Resolves, orders and connects, one after the other, as one cancellable operation.
#pragma once

#include "connect/connector_state.hpp"
#include "sdconnect/connect/connector.hpp"
#include "transport/completion.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace sdconnect {

class connect_operation : public std::enable_shared_from_this<connect_operation> {
 public:
  using completion_type = completion<error_code, connection>;

  connect_operation(std::shared_ptr<connector_state> state, std::optional<std::uint64_t> key, completion_type done);

  void start(service_query query);
  void cancel();

 private:
  void on_resolved(error_code ec, service found);
  void race_for(const std::shared_ptr<served_service>& known, std::chrono::steady_clock::time_point now);

  std::shared_ptr<connector_state> state_;
  std::optional<std::uint64_t> key_;
  std::optional<service_identity> identity_;
  completion_type done_;
  service found_;
  std::chrono::steady_clock::time_point deadline_{};
  boost::asio::cancellation_signal under_way_;
  bool is_cancelled_ = false;
};

}  // namespace sdconnect
