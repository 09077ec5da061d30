/// \file
/// A name server in a thread of this process that forges replies, which a real server does not do.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <thread>
#include <vector>

namespace sdconnect::bench {

/// Answers every A query over UDP with one address, unless the name begins with "silent". Does not
/// answer over TCP. Before the true answer to each query it sends `forgeries` false ones from its
/// own address and port, like an attacker who can spoof any source address:
/// - one in 11 goes to the query's own port, with everything right except the ID, or the question's
///   name, type or class, or with the right ID but no QR bit: the client must not accept it;
/// - the others go to random ports with random IDs.
/// For every tenth query, all forgeries go to its own port, with wrong IDs.
class responder {
 public:
  explicit responder(std::size_t forgeries);
  responder(const responder&) = delete;
  responder& operator=(const responder&) = delete;
  ~responder();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Stops the server. Returns the number of forged replies.
  std::uint64_t stop();

  static constexpr std::uint8_t true_octet = 1;    ///< all four octets of the true address
  static constexpr std::uint8_t false_octet = 66;  ///< all four octets of the false address

 private:
  void serve();
  void forge(std::span<const std::uint8_t> query, std::uint16_t from);
  void forge_once(std::vector<std::uint8_t> reply, bool knows_port, std::uint16_t port, std::size_t number);
  void send(std::span<const std::uint8_t> reply, std::uint16_t to);

  std::size_t forgeries_;
  int socket_;
  std::uint16_t port_ = 0;
  std::size_t queries_ = 0;
  std::uint64_t forged_ = 0;  // written by the thread, until stop()
  std::atomic<bool> is_stopping_ = false;
  std::mt19937_64 random_{1};
  std::thread thread_;
};

}  // namespace sdconnect::bench
