#include "bench/resolve/responder.hpp"

#include "bench/support/knot_server.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace sdconnect::bench {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t hammered_one_in = 10;
constexpr std::size_t aimed_one_in = 11;  // below the 100 forgeries after which a query leaves UDP

std::size_t question_end(std::span<const std::uint8_t> query) {
  std::size_t at = header_size;
  while (query[at] != 0) at += query[at] + std::size_t{1};
  return at + 5;
}

std::vector<std::uint8_t> reply_to(std::span<const std::uint8_t> query, std::uint8_t octet) {
  std::vector<std::uint8_t> out(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(question_end(query)));
  out[2] = 0x81;                                                            // QR, RD
  out[3] = 0x80;                                                            // RA, NOERROR
  out[7] = 1;                                                               // one answer
  out[11] = 0;                                                              // no OPT
  const std::array<std::uint8_t, 16> record{0xc0,  header_size,             // the question's name
                                            0,     1,           0,     1,   // A, IN
                                            0,     0,           0,     60,  // TTL
                                            0,     4,                       // length
                                            octet, octet,       octet, octet};
  out.insert(out.end(), record.begin(), record.end());
  return out;
}

}  // namespace

responder::responder(std::size_t forgeries)
    : forgeries_(forgeries), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ::bind(socket_, reinterpret_cast<const sockaddr*>(&at), size);
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
  port_ = ntohs(at.sin_port);
  const timeval patience{0, 50'000};  // interval at which the thread checks is_stopping_
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  thread_ = std::thread([this] {
    pin_to(side::server);
    serve();
  });
}

responder::~responder() {
  (void)stop();
  ::close(socket_);
}

std::uint64_t responder::stop() {
  is_stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return forged_;
}

void responder::serve() {
  std::array<std::uint8_t, 512> query;
  while (!is_stopping_) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(socket_, query.data(), query.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got <= static_cast<ssize_t>(header_size)) continue;
    const std::span<const std::uint8_t> message(query.data(), static_cast<std::size_t>(got));
    if ((query[2] & 0x80) != 0) continue;  // a forgery that hit this port
    if (std::memcmp(query.data() + header_size + 1, "silent", 6) == 0) continue;
    forge(message, ntohs(from.sin_port));
    send(reply_to(message, true_octet), ntohs(from.sin_port));
  }
}

void responder::forge(std::span<const std::uint8_t> query, std::uint16_t from) {
  if (forgeries_ == 0) return;
  const std::vector<std::uint8_t> reply = reply_to(query, false_octet);
  const bool is_hammered = ++queries_ % hammered_one_in == 0;
  for (std::size_t i = 0; i < forgeries_; ++i) {
    const bool is_aimed = is_hammered || i % aimed_one_in == 0;
    forge_once(reply, is_aimed, from, is_hammered ? 0 : i / aimed_one_in);
  }
}

void responder::forge_once(std::vector<std::uint8_t> reply, bool knows_port, std::uint16_t port, std::size_t number) {
  const std::size_t type = reply.size() - 16 - 4;  // before the record: type and class of the question
  const std::uint64_t drawn = random_();
  if (!knows_port) {
    std::memcpy(reply.data(), &drawn, 2);
    port = static_cast<std::uint16_t>(1024 + (drawn >> 16) % 64512);
  } else {
    switch (number % 5) {
      case 0: reply[0] ^= static_cast<std::uint8_t>(1 + drawn % 255); break;
      case 1: reply[header_size + 1] ^= 1; break;
      case 2: reply[type + 1] = 28; break;
      case 3: reply[type + 3] = 3; break;
      case 4: reply[2] &= 0x7f; break;
    }
  }
  ++forged_;
  send(reply, port);
}

void responder::send(std::span<const std::uint8_t> reply, std::uint16_t to) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(to);
  ::sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&at), sizeof at);
}

}  // namespace sdconnect::bench
