#include "helper/run/admission.hpp"

#include "helper/run/srv_memory.hpp"

#include <catch2/catch.hpp>

#include <string_view>

using namespace sdconnect;
using namespace sdconnect::helper;
using namespace std::chrono_literals;

namespace {

ip_address address(std::string_view text) { return ip_address::from_text(text).value(); }
listen_address listening(std::string_view at, std::uint16_t port) { return {.address = address(at), .port = port}; }

}  // namespace

TEST_CASE("admission: the own listeners are none of the endpoints", "[helper][fault-O40]") {
  own_listeners own;
  own.set({listening("127.0.0.1", 1080), listening("::1", 1080), listening("0.0.0.0", 5432), listening("::", 5433)});
  CHECK(own.contains(address("127.0.0.1"), 1080));
  CHECK(own.contains(address("::ffff:127.0.0.1"), 1080));
  CHECK(own.contains(address("::1"), 1080));
  CHECK_FALSE(own.contains(address("127.0.0.2"), 1080));
  CHECK_FALSE(own.contains(address("127.0.0.1"), 1081));
  // A listener without an address has all addresses of this host, and no others.
  CHECK(own.contains(address("127.0.0.9"), 5432));
  CHECK(own.contains(address("::1"), 5433));
  CHECK_FALSE(own.contains(address("192.0.2.1"), 5432));
}

TEST_CASE("admission: loopback is for services that this host's own name servers tell of", "[helper][fault-S15]") {
  const own_listeners own;
  const name service = name::from_text("_x._tcp.example.com").value();
  const name host = name::from_text("www.example.com").value();
  const bool is_local = GENERATE(true, false);
  const auto admits = admission(own, false, [&](const name&) -> bool { return is_local; });
  const endpoint to;
  CHECK(admits(service, to, address("127.0.0.1")) == is_local);
  CHECK(admits(service, to, address("::1")) == is_local);
  CHECK(admits(service, to, address("192.0.2.1")));
  CHECK(admits(service, to, address("10.0.0.1")));
  CHECK(admits(host, to, address("127.0.0.1")));  // the client asked for it
  for (const name& who : {service, host}) {
    CHECK_FALSE(admits(who, to, address("169.254.169.254")));
    CHECK_FALSE(admits(who, to, address("::ffff:169.254.169.254")));
    CHECK_FALSE(admits(who, to, address("fe80::1%1")));
  }
  CHECK(admission(own, true, {})(service, to, address("127.0.0.1")));
}

TEST_CASE("srv memory: a no lasts a minute, silence ten", "[helper]") {
  srv_memory memory;
  const auto now = std::chrono::steady_clock::now();
  const name no = name::from_text("_a._tcp.x").value(), silent = name::from_text("_b._tcp.x").value();
  memory.note_no(no, now);
  memory.note_silence(silent, now);
  CHECK(memory.has_none(no, now + 59s));
  CHECK_FALSE(memory.has_none(no, now + 61s));
  CHECK(memory.has_none(silent, now + 9min));
  CHECK_FALSE(memory.has_none(silent, now + 11min));
}
