#include "helper/relay/pipe_pool.hpp"

#include <array>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace sdconnect::helper {

relay_pipe pipe_pool::lend() {
  relay_pipe out;
  if (!idle_.empty()) {
    out = std::move(idle_.back());
    idle_.pop_back();
  } else if (asks_to_refuse_ > 0) {
    --asks_to_refuse_;
  } else if (lent_ < max_large + max_small) {
    out = make();
    if (!out) asks_to_refuse_ = asks_after_refusal;
  }
  if (out) ++lent_;
  return out;
}

relay_pipe pipe_pool::make() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) return relay_pipe();
  relay_pipe out{detail::descriptor(ends[0]), detail::descriptor(ends[1])};
  int capacity = ::fcntl(ends[0], F_GETPIPE_SZ);
  if (large_ < max_large) {
    const int larger = ::fcntl(ends[0], F_SETPIPE_SZ, static_cast<int>(large));
    if (larger > capacity) capacity = larger;
  }
  if (capacity < static_cast<int>(small)) return relay_pipe();
  out.capacity = static_cast<std::size_t>(capacity);
  if (out.capacity >= large) ++large_;
  return out;
}

void pipe_pool::give_back(relay_pipe pipe) {
  if (idle_.size() >= max_idle) return discard(std::move(pipe));
  --lent_;
  idle_.push_back(std::move(pipe));
}

void pipe_pool::discard(relay_pipe pipe) {
  --lent_;
  if (pipe.capacity >= large) --large_;
}

}  // namespace sdconnect::helper
