/// \file
/// Several datagrams in one system call. A system call costs as much as everything that is done
/// here with a query, more on virtual machines.
#pragma once

#include "net/io/descriptor.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <sys/socket.h>
#include <vector>

namespace sdconnect::detail {

/// The datagrams received last. Not thread safe.
class datagram_inbox {
 public:
  static constexpr std::size_t most = 16;

  datagram_inbox();

  /// Takes what has come on the socket, at most `wanted` datagrams of any length, in place of those
  /// before; returns how many. `wanted` is 1 to `most`. Errors: those of recvmmsg, would_block
  /// among them.
  [[nodiscard]] result<std::size_t> receive(int socket, std::size_t wanted);
  [[nodiscard]] std::span<const std::uint8_t> operator[](std::size_t at) const noexcept {
    return {static_cast<const std::uint8_t*>(places_[at].iov_base), headers_[at].msg_len};
  }

 private:
  std::unique_ptr<std::uint8_t[]> octets_;  // of which the system provides only the pages that are written to
  std::array<::iovec, most> places_;
  std::array<::mmsghdr, most> headers_;
};

/// Datagrams on connected sockets that are to be sent together. Not thread safe.
class datagram_outbox {
 public:
  struct failure {
    int socket = 0;
    std::uint16_t id = 0;  ///< the first two octets of what could not be sent
    error_code ec;
  };

  void add(int socket, std::span<const std::uint8_t> message);
  /// Before the socket is closed: nothing is sent from it any more, nor told of it.
  void drop(int socket);
  /// Those of one socket in the order in which they were added. Others are sent even if one cannot
  /// be.
  void send_all();
  /// Of what send_all() could not send, the first that was not taken yet.
  [[nodiscard]] std::optional<failure> take_failure();

  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

 private:
  struct entry {
    int socket;
    std::uint32_t at;
    std::uint32_t size;
  };

  void send_group(int socket);

  std::vector<entry> waiting_;
  std::vector<std::uint8_t> octets_;
  std::deque<failure> failures_;
  std::vector<::iovec> places_;     // for a moment
  std::vector<::mmsghdr> headers_;  // for a moment
};

}  // namespace sdconnect::detail
