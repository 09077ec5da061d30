#include "sd-connect/commands/relay_machine.hpp"

namespace sdconnect::cli {

relay_machine::action relay_machine::next() noexcept {
  if (end_ != relay_end::none) return action::finish;
  if (up_.is_drained()) {
    up_.sink_open = false;
    return action::shut_down_sending;
  }
  if (down_.is_drained()) {
    // After a socket error the end of the data is not the end that the peer meant. The output must
    // not look complete before the exit code reports the error.
    if (socket_failed_) {
      end_ = relay_end::socket_failed;
      return action::finish;
    }
    down_.sink_open = false;
    return action::close_output;
  }
  if (down_.sink_open) return action::wait;
  if (!up_.sink_open) {
    end_ = socket_failed_ ? relay_end::socket_failed : relay_end::complete;
    return action::finish;
  }
  if (interactive_) {
    end_ = relay_end::peer_closed;
    return action::finish;
  }
  return action::wait;
}

void relay_machine::on_send_failed(error_code ec) noexcept {
  remember(ec);
  up_.give_up();
}

void relay_machine::on_receive_failed(error_code ec) noexcept {
  remember(ec);
  up_.give_up();
  down_.source_open = false;
}

void relay_machine::remember(error_code ec) noexcept {
  // The kernel reports a reset once; later results (EPIPE, a plain end) say less.
  if (!socket_failed_) error_ = ec;
  socket_failed_ = true;
}

void relay_machine::stop(relay_end why, error_code ec) noexcept {
  if (end_ != relay_end::none) return;
  end_ = why;
  error_ = ec;
}

}  // namespace sdconnect::cli
