#include "helper/run/srv_memory.hpp"

namespace sdconnect::helper {

bool srv_memory::has_none(const name& srv, time_point now) const {
  const std::scoped_lock lock(mutex_);
  const auto found = until_.find(srv);
  return found != until_.end() && now < found->second;
}

void srv_memory::clear() {
  const std::scoped_lock lock(mutex_);
  until_.clear();
}

void srv_memory::note(const name& srv, time_point until) {
  const std::scoped_lock lock(mutex_);
  if (until_.size() >= max_names) until_.clear();
  until_[srv] = until;
}

}  // namespace sdconnect::helper
