/// \file
/// Resolves, orders and connects, one after the other, as one cancellable operation.
#pragma once

#include "sdconnect/connect/connector.hpp"
#include "transport/completion.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <memory>

namespace sdconnect {

class connect_operation : public std::enable_shared_from_this<connect_operation> {
 public:
  using completion_type = completion<error_code, connection>;

  connect_operation(resolver with, const connect_options& options, std::shared_ptr<random_engine> random,
                    completion_type done);

  void start(service_query query);
  void cancel();

 private:
  void on_resolved(error_code ec, service found);

  resolver resolver_;
  connect_options options_;
  std::shared_ptr<random_engine> random_;
  completion_type done_;
  service found_;
  std::chrono::steady_clock::time_point deadline_{};
  boost::asio::cancellation_signal under_way_;
  bool is_cancelled_ = false;
};

}  // namespace sdconnect
