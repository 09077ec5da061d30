#include "sdconnect/transport/name_server.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;

namespace {

TEST_CASE("server_address: is read in every usual form", "[transport]") {
  const auto [text, printed] = GENERATE(table<std::string, std::string>({
      {"127.0.0.1", "127.0.0.1#53"},
      {"127.0.0.1#5353", "127.0.0.1#5353"},
      {"127.0.0.1:5353", "127.0.0.1#5353"},
      {"127.0.0.1:00053", "127.0.0.1#53"},
      {"127.0.0.1#65535", "127.0.0.1#65535"},
      {"::1", "::1#53"},
      {"::1#5353", "::1#5353"},
      {"[::1]", "::1#53"},
      {"[::1]#5353", "::1#5353"},
      {"[::1]:5353", "::1#5353"},
      {"::", "::#53"},
      {"2001:db8::1:5353", "2001:db8::1:5353#53"},  // without brackets the last group, not a port
      {"2001:DB8::1", "2001:db8::1#53"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1#53"},
  }));
  CAPTURE(text);
  const result<server_address> address = server_address::from_text(text);
  REQUIRE(address);
  CHECK(address->to_text() == printed);
  CHECK(server_address::from_text(printed).value() == *address);
}

TEST_CASE("server_address: other text is refused", "[transport][fault-K4]") {
  const std::string text = GENERATE(
      as<std::string>(), "", " ", "#53", ":53", "localhost", "localhost:53", "127.0.0.1#", "127.0.0.1:", "127.0.0.1#0",
      "127.0.0.1#65536", "127.0.0.1#99999999999999999999", "127.0.0.1#-1", "127.0.0.1#+53", "127.0.0.1# 53",
      "127.0.0.1#53 ", "127.0.0.1#5x", "127.0.0.1#53#53", "127.0.0.1#53:53", "127.0.0.1:53:53", "127.0.0.1/8",
      "[127.0.0.1]", "[127.0.0.1]:53", "[::1", "::1]", "[]", "[]:53", "[", "]", "[::1]53", "[::1]x", "[::1]:", "[::1]#",
      "[[::1]]", "[::1]]", "::1#", "::1#x", "::g", "fe80::1%eth0", "1.2.3", "010.0.0.1");
  CAPTURE(text);
  CHECK(server_address::from_text(text).error() == errc::bad_address);
}

TEST_CASE("name_server: is labelled by its address or as it is told", "[transport]") {
  const server_address address{ip_address::v4({192, 0, 2, 1}), 5353};
  CHECK(name_server::at(address).label == "192.0.2.1#5353");
  CHECK(name_server::at(address).address == address);
  CHECK_FALSE(name_server::at(address).file);
  CHECK(name_server::of(nullptr, "file:lab.zone").label == "file:lab.zone");
}

}  // namespace
