/// \file
/// Performs what a walk decides: puts its questions to a client, all of them at once, and keeps the deadline.
#pragma once

#include "resolver/walk.hpp"
#include "sdconnect/transport/dns_client.hpp"
#include "transport/completion.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>

namespace sdconnect {

class resolve_operation : public std::enable_shared_from_this<resolve_operation> {
 public:
  using completion_type = completion<error_code, service>;

  resolve_operation(dns_client client, const service_query& query, completion_type done);

  void start();
  void cancel();

 private:
  using clock = dns_client::clock;

  void perform(walk::step next);
  void ask(const question& q);
  void finish_at(clock::time_point when);
  void finish(error_code if_unknown);

  dns_client client_;
  walk walk_;
  clock::time_point deadline_;
  completion_type done_;
  boost::asio::steady_timer timer_;
  std::list<boost::asio::cancellation_signal> under_way_;  // one for each question
};

}  // namespace sdconnect
