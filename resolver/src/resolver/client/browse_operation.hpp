/// \file
/// Lists the PTR records of one name, and follows aliases that end outside the answer.
#pragma once

#include "net/io/completion.hpp"
#include "resolver/client/caching_client.hpp"
#include "sdconnect/resolver/service.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace sdconnect::detail {

/// The client keeps it alive until it ends.
class browse_operation final : public lookup_user, public std::enable_shared_from_this<browse_operation> {
 public:
  using completion_type = completion<error_code, browse_result>;

  browse_operation(std::shared_ptr<caching_client> client, const name& owner, completion_type done);
  ~browse_operation();

  void start(std::chrono::milliseconds timeout);
  void cancel();
  void on_lookup(lookup_table::id waiter, lookup answer, time_point now) override;
  void on_time(time_point now) override;

 private:
  void ask(lookup_router& router, name owner, time_point now);
  void leave_out_others();
  void let_go();
  void finish(error_code status);

  std::shared_ptr<caching_client> client_;
  completion_type done_;
  browse_result found_;
  time_point deadline_{};
  std::uint32_t aliases_ = 0;
  bool is_authenticated_ = true;
  lookup_router* router_ = nullptr;  // the client's router; null before the start and after the end
  std::optional<lookup_table::id> waiter_;
};

}  // namespace sdconnect::detail
