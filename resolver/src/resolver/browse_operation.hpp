/// \file
/// Lists the PTR records of one name, following aliases that end outside the answer.
#pragma once

#include "sdconnect/resolver/service.hpp"
#include "sdconnect/transport/dns_client.hpp"
#include "transport/completion.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <cstdint>
#include <memory>

namespace sdconnect {

class browse_operation : public std::enable_shared_from_this<browse_operation> {
 public:
  using completion_type = completion<error_code, browse_result>;

  browse_operation(dns_client client, const name& owner, dns_client::clock::time_point deadline, completion_type done);

  void start();
  void cancel();

 private:
  void ask(const name& owner);
  void on_result(error_code status, query_result result);
  void finish(error_code status);

  dns_client client_;
  dns_client::clock::time_point deadline_;
  completion_type done_;
  browse_result found_;
  std::uint32_t aliases_ = 0;
  boost::asio::cancellation_signal under_way_;
};

}  // namespace sdconnect
