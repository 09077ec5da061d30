#include "helper/relay/relay_mover.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <utility>

namespace sdconnect::helper {
namespace {

constexpr unsigned full_blocks_until_splice = 2;

bool is_again(int error) noexcept { return error == EAGAIN || error == EINTR; }

/// An assignment of an empty string would keep the memory.
void release(std::string& octets) noexcept { std::string().swap(octets); }

}  // namespace

bool relay_mover::read(relay& r, relay_side side, std::size_t& moved) {
  storage& store = store_of(r, side);
  end_point& source = end_of(r, side);
  if (!store.pipe && store.full_blocks >= full_blocks_until_splice) store.pipe = pipes_.lend();
  const ssize_t octets = store.pipe ? ::splice(source.socket.get(), nullptr, store.pipe.write_end.get(), nullptr,
                                               store.pipe.capacity, SPLICE_F_NONBLOCK | SPLICE_F_MOVE)
                                    : ::recv(source.socket.get(), block_->data(), block_->size(), 0);
  if (octets < 0) return fail_read(r, side, errno);
  relay_direction& way = r.pair.from(side);
  way.on_read(static_cast<std::size_t>(octets));
  if (octets == 0) {
    return_pipe(store);
    return true;
  }
  moved += static_cast<std::size_t>(octets);
  const bool is_full = static_cast<std::size_t>(octets) >= block_->size();
  store.full_blocks = is_full ? store.full_blocks + 1 : 0;
  if (store.pipe) return true;
  // epoll(7): after a part of a block there is nothing more.
  if (!is_full && !source.may_read_on) source.may_read = false;
  if (side == relay_side::client && !r.first_up) r.first_up = static_cast<std::uint8_t>(block_->front());
  // The block belongs to all relays: what the sink does not take now is kept.
  if (end_of(r, other(side)).may_write) write_from(r, side, block_->data());
  if (way.pending > 0) {
    store.rest.assign(block_->data() + way.offset, way.pending);
    way.offset = 0;
  }
  return true;
}

bool relay_mover::fail_read(relay& r, relay_side side, int error) {
  return_pipe(store_of(r, side));
  if (error == EINTR) return true;
  if (is_again(error)) {
    end_of(r, side).may_read = false;
    return false;
  }
  r.pair.on_read_failed(side, {error, boost::system::system_category()});
  drop(store_of(r, other(side)));
  return true;
}

bool relay_mover::write(relay& r, relay_side from) {
  storage& store = store_of(r, from);
  relay_direction& way = r.pair.from(from);
  if (!store.pipe) {
    const bool has_moved = write_from(r, from, store.rest.data());
    if (way.pending == 0) release(store.rest);
    return has_moved;
  }
  return note_written(r, from,
                      ::splice(store.pipe.read_end.get(), nullptr, end_of(r, other(from)).socket.get(), nullptr,
                               way.pending, SPLICE_F_NONBLOCK | SPLICE_F_MOVE));
}

bool relay_mover::write_from(relay& r, relay_side from, const char* data) {
  const relay_direction& way = r.pair.from(from);
  const int sink = end_of(r, other(from)).socket.get();
  return note_written(r, from, ::send(sink, data + way.offset, way.pending, MSG_DONTWAIT | MSG_NOSIGNAL));
}

bool relay_mover::note_written(relay& r, relay_side from, ssize_t octets) {
  if (octets >= 0) {
    r.pair.from(from).on_written(static_cast<std::size_t>(octets));
    return octets > 0;
  }
  if (errno == EINTR) return true;
  if (is_again(errno)) {
    end_of(r, other(from)).may_write = false;
    return false;
  }
  r.pair.on_write_failed(other(from), detail::last_error());
  drop(store_of(r, from));
  return true;
}

void relay_mover::return_pipe(storage& store) {
  if (store.pipe) pipes_.give_back(std::exchange(store.pipe, relay_pipe()));
}

void relay_mover::drop(storage& store) {
  release(store.rest);
  if (store.pipe) pipes_.discard(std::exchange(store.pipe, relay_pipe()));
}

}  // namespace sdconnect::helper
