#include "helper/relay/relay_pair.hpp"

namespace sdconnect::helper {

relay_pair::action relay_pair::next() noexcept {
  for (const relay_side side : {relay_side::client, relay_side::backend}) {
    if (!from(side).is_drained()) continue;
    if (is_failed(side)) return action::finish;
    if (!has_end_) ended_first_ = side;
    has_end_ = true;
    from(side).sink_open = false;
    if (!from(other(side)).sink_open) return action::finish;  // closing the sockets says the same
    return side == relay_side::client ? action::shut_down_backend : action::shut_down_client;
  }
  const bool is_over = !from(relay_side::client).sink_open && !from(relay_side::backend).sink_open;
  return is_over ? action::finish : action::wait;
}

void relay_pair::on_read_failed(relay_side side, error_code ec) noexcept {
  fail(side, ec);
  from(side).source_open = false;
}

void relay_pair::on_write_failed(relay_side to, error_code ec) noexcept { fail(to, ec); }

void relay_pair::on_gone(relay_side side, error_code ec) noexcept {
  if (ec) return fail(side, ec);
  from(other(side)).give_up();
}

void relay_pair::fail(relay_side side, error_code ec) noexcept {
  // The kernel reports a reset once; later results (EPIPE, a plain end) say less.
  if (!error_) {
    error_ = ec;
    failed_side_ = side;
  }
  if (!has_end_) ended_first_ = side;
  has_end_ = true;
  is_failed_[index(side)] = true;
  from(other(side)).give_up();
}

}  // namespace sdconnect::helper
