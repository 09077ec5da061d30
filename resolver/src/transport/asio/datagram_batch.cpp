#include "transport/asio/datagram_batch.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sdconnect::detail {
namespace {

constexpr std::size_t largest_datagram = 65535;

// The buffers must not all begin on the same lines of the processor's caches, as they would with a
// power of two.
constexpr std::size_t distance = 65536 + 9 * 64;

::mmsghdr header_of(::iovec& place) noexcept {
  ::mmsghdr header{};
  header.msg_hdr.msg_iov = &place;
  header.msg_hdr.msg_iovlen = 1;
  return header;
}

}  // namespace

datagram_inbox::datagram_inbox() : octets_(std::make_unique_for_overwrite<std::uint8_t[]>(most * distance)) {
  for (std::size_t i = 0; i < most; ++i) {
    places_[i] = {octets_.get() + i * distance, largest_datagram};
    headers_[i] = header_of(places_[i]);
  }
}

result<std::size_t> datagram_inbox::receive(int socket, std::size_t wanted) {
  const auto retried = [](auto call) {
    for (;;) {
      const auto out = call();
      if (out >= 0 || errno != EINTR) return out;
    }
  };
  if (wanted == 1) {  // the cheaper call
    const ssize_t size = retried([&] { return ::recv(socket, places_[0].iov_base, largest_datagram, 0); });
    if (size < 0) return last_error();
    headers_[0].msg_len = static_cast<unsigned>(size);
    return 1;
  }
  const int count =
      retried([&] { return ::recvmmsg(socket, headers_.data(), static_cast<unsigned>(wanted), 0, nullptr); });
  if (count < 0) return last_error();
  return static_cast<std::size_t>(count);
}

void datagram_outbox::add(int socket, std::span<const std::uint8_t> message) {
  waiting_.push_back({socket, static_cast<std::uint32_t>(octets_.size()), static_cast<std::uint32_t>(message.size())});
  octets_.insert(octets_.end(), message.begin(), message.end());
}

void datagram_outbox::drop(int socket) {
  std::erase_if(waiting_, [=](const entry& e) { return e.socket == socket; });
  std::erase_if(failures_, [=](const failure& f) { return f.socket == socket; });
}

void datagram_outbox::send_all() {
  while (!waiting_.empty()) send_group(waiting_.front().socket);
  octets_.clear();
}

std::optional<datagram_outbox::failure> datagram_outbox::take_failure() {
  if (failures_.empty()) return std::nullopt;
  const failure first = failures_.front();
  failures_.pop_front();
  return first;
}

void datagram_outbox::send_group(int socket) {
  places_.clear();
  std::erase_if(waiting_, [&](const entry& e) {
    if (e.socket != socket) return false;
    places_.push_back({octets_.data() + e.at, e.size});
    return true;
  });
  headers_.clear();
  for (::iovec& place : places_) headers_.push_back(header_of(place));

  for (std::span<::mmsghdr> left(headers_); !left.empty();) {
    const int sent = ::sendmmsg(socket, left.data(), static_cast<unsigned>(left.size()), MSG_NOSIGNAL);
    if (sent > 0) {
      left = left.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    const auto* const unsent = static_cast<const std::uint8_t*>(left.front().msg_hdr.msg_iov->iov_base);
    failures_.push_back({socket, static_cast<std::uint16_t>(unsent[0] << 8 | unsent[1]), last_error()});
    left = left.subspan(1);
  }
}

}  // namespace sdconnect::detail
