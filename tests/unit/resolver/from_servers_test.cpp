// A resolver created from a text that names its servers.
#include "sdconnect/resolver/resolver.hpp"
#include "unit/transport/asking.hpp"

#include <boost/system/system_error.hpp>
#include <catch2/catch.hpp>

#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <unistd.h>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using Catch::Matchers::Contains;

namespace {

constexpr std::string_view zone_text =
    "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 2 3 4 30\n_x._tcp SRV 0 0 80 h\nh A 192.0.2.1\n";

test::forger serves_zone() {
  return test::zone_forger(std::make_shared<const zone>(*zone::parse(std::string(zone_text))));
}

struct resolved {
  error_code ec;
  service found;
};

resolved resolve(loop& l, const std::string& servers, const resolver_options& options = {}) {
  std::optional<resolved> out;
  resolver::from_servers(l.io.get_executor(), servers, options)
      .async_resolve(service_query::from_text("_x._tcp.example.com").value(), [&out](error_code ec, service found) {
        out = {ec, std::move(found)};
      });
  l.until([&] { return out.has_value(); });
  return *std::move(out);
}

std::string fault_of(const std::string& servers, error_code expected) {
  boost::asio::io_context io;
  try {
    static_cast<void>(resolver::from_servers(io.get_executor(), servers));
  } catch (const boost::system::system_error& failed) {
    CHECK(failed.code() == expected);
    return failed.what();
  }
  FAIL("not refused: " << servers);
  return {};
}

TEST_CASE("from_servers: a name server's text is a resolver", "[resolver]") {
  loop l;
  test::forging_server server(l.io.get_executor(), serves_zone());
  const std::string port = std::to_string(server.port());
  const std::string text = std::string("127.0.0.1") + GENERATE('#', ':') + port;
  INFO(text);
  const resolved got = resolve(l, text);
  CHECK_FALSE(got.ec);
  CHECK(got.found.endpoints.size() == 1);
}

TEST_CASE("from_servers: several are separated by commas or blanks, and asked in order", "[resolver]") {
  loop l;
  test::forging_server server(l.io.get_executor(), serves_zone());
  int asked_other = 0;
  test::forging_server other(l.io.get_executor(), [&asked_other](std::span<const std::uint8_t>, lab::transport) {
    ++asked_other;
    return std::vector<test::reply>();
  });
  const std::string first = "127.0.0.1#" + std::to_string(server.port());
  const std::string second = "127.0.0.1#" + std::to_string(other.port());
  const std::string separator = GENERATE(",", " ", " , ", "\t");
  const resolved got = resolve(l, separator + first + separator + second + separator);
  CHECK_FALSE(got.ec);
  CHECK(got.found.server == first);
  CHECK(asked_other == 0);
}

TEST_CASE("from_servers: a zone file answers in a server's place", "[resolver]") {
  const std::string path = "/tmp/sdconnect-from-servers-" + std::to_string(::getpid());
  std::ofstream(path) << zone_text;
  loop l;
  const resolved got = resolve(l, "file:" + path);
  std::remove(path.c_str());
  CHECK_FALSE(got.ec);
  CHECK(got.found.server == "file:" + path);
}

TEST_CASE("from_servers: options may change what the text says", "[resolver]") {
  loop l;
  test::forging_server server(l.io.get_executor(), serves_zone());
  bool was_asked = false;
  const resolved got =
      resolve(l, "127.0.0.1#" + std::to_string(server.port()), {.adapt = [&](dns_client_options& with) {
                was_asked = true;
                CHECK(with.server_sets.size() == 1);
                with.use_0x20 = true;
              }});
  CHECK_FALSE(got.ec);
  CHECK(was_asked);
}

TEST_CASE("from_servers: what is no server is refused with its text", "[resolver]") {
  CHECK_THAT(fault_of("192.0.2.1,nonsense\x1b", errc::bad_address),
             Contains("nonsense\\027") && !Contains("192.0.2.1"));
  CHECK_THAT(fault_of("0.0.0.0", errc::bad_address), Contains("0.0.0.0"));
  CHECK_THAT(fault_of("tls://192.0.2.1@a..b", errc::bad_server_name), Contains("tls://192.0.2.1@a..b"));
  CHECK_THAT(fault_of("file:/nowhere/at/all", errc::file_unreadable), Contains("/nowhere/at/all"));
  fault_of("", errc::no_name_servers);
  fault_of(" , ", errc::no_name_servers);
}

}  // namespace
