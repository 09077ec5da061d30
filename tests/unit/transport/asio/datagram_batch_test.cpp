// Datagrams through real sockets, several per call.
#include "transport/asio/datagram_batch.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/system/errc.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
namespace asio = boost::asio;
namespace system_errc = boost::system::errc;
using asio::ip::udp;

namespace {

using octets = std::vector<std::uint8_t>;
using datagrams = std::vector<octets>;

// Two sockets connected to each other; loopback delivers before send returns.
struct pair_of_sockets {
  asio::io_context io;
  udp::socket left{io, {asio::ip::address_v4::loopback(), 0}};
  udp::socket right{io, {asio::ip::address_v4::loopback(), 0}};

  pair_of_sockets() {
    left.connect(right.local_endpoint());
    right.connect(left.local_endpoint());
    left.non_blocking(true);
    right.non_blocking(true);
  }
  [[nodiscard]] datagrams received() {
    datagrams out;
    datagram_inbox inbox;
    for (;;) {
      const auto count = inbox.receive(right.native_handle(), datagram_inbox::most);
      if (!count) return out;
      for (std::size_t i = 0; i < *count; ++i) out.emplace_back(inbox[i].begin(), inbox[i].end());
    }
  }
};

octets numbered(std::uint8_t number, std::size_t size = 40) {
  octets out(size, number);
  out[0] = 0x12;
  return out;
}

}  // namespace

TEST_CASE("datagram inbox: takes what is there, at most what is wanted", "[transport]") {
  pair_of_sockets s;
  datagram_inbox inbox;
  for (std::uint8_t i = 0; i < 20; ++i) s.left.send(asio::buffer(numbered(i, 40U + i)));
  std::uint8_t next = 0;
  for (const std::size_t wanted : {std::size_t{1}, std::size_t{3}, datagram_inbox::most}) {
    const auto count = inbox.receive(s.right.native_handle(), wanted);
    REQUIRE(count);
    CHECK(*count == std::min<std::size_t>(wanted, 20U - next));
    for (std::size_t i = 0; i < *count; ++i, ++next) {
      CHECK(octets(inbox[i].begin(), inbox[i].end()) == numbered(next, 40U + next));
    }
  }
  CHECK(next == 20);
  const auto wanted = GENERATE(as<std::size_t>(), 1, 2);
  const auto none = inbox.receive(s.right.native_handle(), wanted);
  REQUIRE_FALSE(none);
  CHECK(none.error() == system_errc::operation_would_block);
}

TEST_CASE("datagram inbox: the largest datagram comes whole, an empty one as such", "[transport][fault-X9]") {
  pair_of_sockets s;
  constexpr std::size_t largest = 65507;
  s.left.set_option(asio::socket_base::send_buffer_size(1 << 18));
  s.right.set_option(asio::socket_base::receive_buffer_size(1 << 18));
  const auto wanted = GENERATE(as<std::size_t>(), 1, 3);
  s.left.send(asio::buffer(numbered(7, largest)));
  s.left.send(asio::buffer(octets()));
  datagram_inbox inbox;
  std::vector<std::size_t> sizes;
  while (const auto count = inbox.receive(s.right.native_handle(), wanted)) {
    for (std::size_t i = 0; i < *count; ++i) sizes.push_back(inbox[i].size());
  }
  CHECK(sizes == std::vector<std::size_t>{largest, 0});
}

TEST_CASE("datagram inbox: an error of the socket is told", "[transport][fault-X17]") {
  pair_of_sockets s;
  s.right.close();
  s.left.send(asio::buffer(numbered(1)));  // loopback answers with ICMP at once
  datagram_inbox inbox;
  const auto failed = inbox.receive(s.left.native_handle(), GENERATE(as<std::size_t>(), 1, 5));
  REQUIRE_FALSE(failed);
  CHECK(failed.error() == system_errc::connection_refused);
}

TEST_CASE("datagram outbox: each socket sends its own, in order", "[transport]") {
  pair_of_sockets a, b;
  datagram_outbox outbox;
  for (std::uint8_t i = 0; i < 10; ++i) {
    outbox.add((i % 3 == 0 ? b : a).left.native_handle(), numbered(i));
  }
  CHECK(outbox.size() == 10);
  CHECK(a.received().empty());
  outbox.send_all();
  CHECK(outbox.size() == 0);
  CHECK_FALSE(outbox.take_failure());
  CHECK(a.received() == datagrams{numbered(1), numbered(2), numbered(4), numbered(5), numbered(7), numbered(8)});
  CHECK(b.received() == datagrams{numbered(0), numbered(3), numbered(6), numbered(9)});

  outbox.add(a.left.native_handle(), numbered(11));
  outbox.send_all();
  CHECK(a.received() == datagrams{numbered(11)});
}

TEST_CASE("datagram outbox: what cannot be sent is told, and the rest is sent", "[transport][fault-X19]") {
  pair_of_sockets a, b;
  datagram_outbox outbox;
  outbox.add(a.left.native_handle(), numbered(1));
  octets too_large = numbered(2, 65535);
  too_large[1] = 0x34;
  outbox.add(a.left.native_handle(), too_large);
  outbox.add(b.left.native_handle(), numbered(3));
  outbox.add(a.left.native_handle(), numbered(4));
  outbox.send_all();
  CHECK(a.received() == datagrams{numbered(1), numbered(4)});
  CHECK(b.received() == datagrams{numbered(3)});
  const auto failed = outbox.take_failure();
  REQUIRE(failed);
  CHECK(failed->socket == a.left.native_handle());
  CHECK(failed->id == 0x1234);
  CHECK(failed->ec == system_errc::message_size);
  CHECK_FALSE(outbox.take_failure());
}

TEST_CASE("datagram outbox: of a socket that is closed nothing is sent or told", "[transport][fault-X36]") {
  pair_of_sockets a, b;
  datagram_outbox outbox;
  outbox.add(a.left.native_handle(), numbered(1));
  outbox.add(b.left.native_handle(), numbered(2));
  outbox.drop(a.left.native_handle());
  outbox.send_all();
  CHECK(a.received().empty());
  CHECK(b.received() == datagrams{numbered(2)});

  outbox.add(a.left.native_handle(), numbered(3, 65535));
  outbox.send_all();
  outbox.drop(a.left.native_handle());
  CHECK_FALSE(outbox.take_failure());
}
