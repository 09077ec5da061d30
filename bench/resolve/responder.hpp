/// \file
/// A name server in a thread of this process, for what a real one does not do: forge.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <thread>
#include <vector>

namespace sdconnect::bench {

/// Answers every A question over UDP with one address, unless the name begins with "silent"; has
/// nothing to say over TCP. Before the true answer to each
/// query come `forgeries` false ones from its own address and port, as from an attacker who can
/// write any sender:
///  - one in 11 to the query's own port, with everything right but the ID, the question's name,
///    type or class, or with the ID right and no QR bit: never a reply to be taken;
///  - the others to ports and with IDs drawn at random.
/// Every tenth query is hammered: all of them go to its own port, with wrong IDs.
class responder {
 public:
  explicit responder(std::size_t forgeries);
  responder(const responder&) = delete;
  responder& operator=(const responder&) = delete;
  ~responder();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Ends it. Returns how many replies were forged.
  std::uint64_t stop();

  static constexpr std::uint8_t true_octet = 1;    ///< all four of the true address
  static constexpr std::uint8_t false_octet = 66;  ///< of the false one

 private:
  void serve();
  void forge(std::span<const std::uint8_t> query, std::uint16_t from);
  void forge_once(std::vector<std::uint8_t> reply, bool knows_port, std::uint16_t port, std::size_t number);
  void send(std::span<const std::uint8_t> reply, std::uint16_t to);

  std::size_t forgeries_;
  int socket_;
  std::uint16_t port_ = 0;
  std::size_t queries_ = 0;
  std::uint64_t forged_ = 0;  // of the thread, until stop()
  std::atomic<bool> is_stopping_ = false;
  std::mt19937_64 random_{1};
  std::thread thread_;
};

}  // namespace sdconnect::bench
