#include "resolver/client/resolve_operation.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace sdconnect::detail {

resolve_operation::resolve_operation(std::shared_ptr<caching_client> client, completion_type done)
    : client_(std::move(client)), done_(std::move(done)) {}

// Still pending only if the context ends first.
resolve_operation::~resolve_operation() {
  if (!task_) return;
  const caching_client::turn mine(client_);
  task_.reset();
}

void resolve_operation::start(const service_query& query) {
  done_.on_cancel(shared_from_this());
  caching_client::turn mine(client_);
  client_->keep(shared_from_this());
  task_.emplace(mine.router(), query, resolve_task::how{}, mine.now());
  task_->start(mine.now(), [this](boot_clock::time_point) {
    if (task_->is_done()) finish({});
  });
  if (task_->is_done()) finish({});
}

void resolve_operation::cancel() {
  caching_client::turn mine(client_);
  if (task_) finish(boost::asio::error::operation_aborted);
}

void resolve_operation::finish(error_code ended_by) {
  task_->stop();
  walk::conclusion found = task_->take_conclusion(ended_by ? ended_by : errc::query_timed_out);
  task_.reset();
  done_.post(ended_by ? ended_by : found.status, std::move(found.found));
  client_->release(this);
}

}  // namespace sdconnect::detail
