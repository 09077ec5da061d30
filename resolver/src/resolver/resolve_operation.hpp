/// \file
/// Performs a resolution: passes lookups on, and keeps the deadline.
#pragma once

#include "resolver/caching_client.hpp"
#include "resolver/resolution.hpp"
#include "transport/completion.hpp"

#include <memory>

namespace sdconnect {

class resolve_operation final : public lookup_user, public std::enable_shared_from_this<resolve_operation> {
 public:
  using completion_type = completion<error_code, service>;

  resolve_operation(std::shared_ptr<caching_client> client, const service_query& query, completion_type done);

  void start();
  void cancel();
  void on_lookup(lookup_table::id waiter, lookup answer) override;

 private:
  void go_on();
  void finish(lookup_table::leaving why, error_code if_unknown);

  std::shared_ptr<caching_client> client_;
  resolution resolution_;
  completion_type done_;
  boot_timer timer_;  // what waits for it keeps the operation alive: the client knows it weakly
};

}  // namespace sdconnect
