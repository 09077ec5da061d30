/// \file
/// Performs a resolve task for a completion handler.
#pragma once

#include "net/io/completion.hpp"
#include "resolver/client/caching_client.hpp"
#include "resolver/view/resolve_task.hpp"

#include <memory>
#include <optional>

namespace sdconnect::detail {

/// The client keeps it alive until it ends.
class resolve_operation final : public std::enable_shared_from_this<resolve_operation> {
 public:
  using completion_type = completion<error_code, service>;

  resolve_operation(std::shared_ptr<caching_client> client, completion_type done);
  ~resolve_operation();

  void start(const service_query& query);
  void cancel();

 private:
  void finish(error_code ended_by);

  std::shared_ptr<caching_client> client_;
  completion_type done_;
  std::optional<resolve_task> task_;
};

}  // namespace sdconnect::detail
