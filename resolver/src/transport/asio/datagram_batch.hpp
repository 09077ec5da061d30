/// \file
/// Sends or receives several datagrams in one system call. A system call costs as much as
/// everything else done here for a query, and more on virtual machines.
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

/// The latest received datagrams. Not thread safe.
class datagram_inbox {
 public:
  static constexpr std::size_t most = 16;

  datagram_inbox();

  /// Receives what has come on the socket, at most `wanted` datagrams of any length; they replace
  /// the previous ones. Returns how many. `wanted` is 1 to `most`. Errors: those of recvmmsg,
  /// including would_block.
  [[nodiscard]] result<std::size_t> receive(int socket, std::size_t wanted);
  [[nodiscard]] std::span<const std::uint8_t> operator[](std::size_t at) const noexcept {
    return {static_cast<const std::uint8_t*>(places_[at].iov_base), headers_[at].msg_len};
  }

 private:
  std::unique_ptr<std::uint8_t[]> octets_;  // the system provides only the pages that are written to
  std::array<::iovec, most> places_;
  std::array<::mmsghdr, most> headers_;
};

/// Datagrams to send together on connected sockets. Not thread safe.
class datagram_outbox {
 public:
  struct failure {
    int socket = 0;
    std::uint16_t id = 0;  ///< the first two octets of the datagram that was not sent
    error_code ec;
  };

  void add(int socket, std::span<const std::uint8_t> message);
  /// Discards the socket's datagrams and failures. Call this before closing the socket.
  void drop(int socket);
  /// Sends all datagrams, those of one socket in the order in which they were added. Continues if
  /// one cannot be sent.
  void send_all();
  /// Returns the first failure of send_all() that was not yet taken.
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
  std::vector<::iovec> places_;     // used during one call only
  std::vector<::mmsghdr> headers_;  // used during one call only
};

}  // namespace sdconnect::detail
