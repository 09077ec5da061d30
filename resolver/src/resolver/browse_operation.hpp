/// \file
/// Lists the PTR records of one name, following aliases that end outside the answer.
#pragma once

#include "resolver/caching_client.hpp"
#include "sdconnect/resolver/service.hpp"
#include "transport/completion.hpp"

#include <cstdint>
#include <memory>

namespace sdconnect {

class browse_operation final : public lookup_user, public std::enable_shared_from_this<browse_operation> {
 public:
  using completion_type = completion<error_code, browse_result>;

  browse_operation(std::shared_ptr<caching_client> client, const name& owner, boot_clock::time_point deadline,
                   completion_type done);

  void start();
  void cancel();
  void on_lookup(lookup_table::id waiter, lookup answer) override;

 private:
  void ask(name owner);
  void finish(error_code status);

  std::shared_ptr<caching_client> client_;
  boot_clock::time_point deadline_;
  completion_type done_;
  browse_result found_;
  std::uint32_t aliases_ = 0;
  bool is_authenticated_ = true;
  lookup_table::id waiter_ = 0;
  boot_timer timer_;  // what waits for it keeps the operation alive: the client knows it weakly
};

}  // namespace sdconnect
