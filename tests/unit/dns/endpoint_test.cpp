#include "sdconnect/dns/endpoint.hpp"

#include "support/name_of.hpp"
#include "unit/balancer/endpoints.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::test;

namespace {

using namespace std::chrono_literals;
using test::make_endpoint;

std::vector<std::string> described(const std::vector<endpoint>& endpoints) {
  std::vector<std::string> lines;
  for (const endpoint& e : endpoints) {
    lines.push_back(std::to_string(e.priority) + ' ' + std::to_string(e.weight) + ' ' + std::to_string(e.port) + ' ' +
                    e.target.to_text());
  }
  return lines;
}

TEST_CASE("merge_endpoints: the same target and port in a tier is one endpoint with the weights added",
          "[dns][fault-S7]") {
  const std::vector<endpoint> merged = merge_endpoints(
      {make_endpoint("a.example.", 30), make_endpoint("b.example.", 1), make_endpoint("A.Example.", 12)});
  CHECK(described(merged) == std::vector<std::string>{"0 42 80 a.example.", "0 1 80 b.example."});
}

TEST_CASE("merge_endpoints: another port or another tier is another endpoint", "[dns][fault-S7][fault-S8]") {
  const std::vector<endpoint> merged =
      merge_endpoints({make_endpoint("a.example.", 5, 10), make_endpoint("a.example.", 5, 0, 81),
                       make_endpoint("a.example.", 5, 0, 80)});
  CHECK(described(merged) == std::vector<std::string>{"0 5 80 a.example.", "0 5 81 a.example.", "10 5 80 a.example."});
}

TEST_CASE("merge_endpoints: lists by priority, weight descending, target, port, whatever the order of input", "[dns]") {
  const std::vector<std::string> expected{"0 7 80 z.example.", "0 7 443 z.example.", "0 6 80 a.example.",
                                          "0 6 80 b.example.", "0 0 80 c.example.",  "5 100 80 a.example."};
  std::vector<endpoint> endpoints{make_endpoint("a.example.", 100, 5), make_endpoint("z.example.", 7, 0, 443),
                                  make_endpoint("b.example.", 6),      make_endpoint("c.example.", 0),
                                  make_endpoint("a.example.", 2),      make_endpoint("z.example.", 7),
                                  make_endpoint("a.example.", 4)};
  std::mt19937 random(1);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(endpoints.begin(), endpoints.end(), random);
    CHECK(described(merge_endpoints(endpoints)) == expected);
  }
}

TEST_CASE("merge_endpoints: addresses and instances unite in the order received, the lowest TTL wins", "[dns]") {
  endpoint first = make_endpoint("a.example.", 1);
  first.addresses = {address_of("192.0.2.9"), address_of("192.0.2.1")};
  first.instances = {name_of("zoe._x._tcp.example.")};
  first.ttl = 60s;
  endpoint second = make_endpoint("a.example.", 1);
  second.addresses = {address_of("2001:db8::1"), address_of("192.0.2.9")};
  second.instances = {name_of("adam._x._tcp.example."), name_of("ZOE._x._tcp.example.")};
  second.ttl = 30s;

  const std::vector<endpoint> merged = merge_endpoints({first, second});

  REQUIRE(merged.size() == 1);
  CHECK(merged[0].addresses ==
        std::vector{address_of("192.0.2.9"), address_of("192.0.2.1"), address_of("2001:db8::1")});
  CHECK(merged[0].instances == std::vector{name_of("zoe._x._tcp.example."), name_of("adam._x._tcp.example.")});
  CHECK(merged[0].ttl == 30s);
}

TEST_CASE("merge_endpoints: stays unresolved only while no record had an address", "[dns]") {
  endpoint unresolved = make_endpoint("a.example.", 1);
  unresolved.unresolved = errc::query_timed_out;
  endpoint resolved = make_endpoint("a.example.", 1);
  resolved.addresses = {address_of("192.0.2.1")};

  CHECK(merge_endpoints({unresolved, unresolved})[0].unresolved == errc::query_timed_out);
  CHECK(merge_endpoints({unresolved, make_endpoint("a.example.", 1)})[0].unresolved == errc::query_timed_out);
  CHECK_FALSE(merge_endpoints({unresolved, resolved})[0].unresolved);
  CHECK_FALSE(merge_endpoints({resolved, unresolved})[0].unresolved);
}

TEST_CASE("merge_endpoints: added weights are wider than the wire and stop at the top", "[dns][fault-S2]") {
  const std::vector<endpoint> merged = merge_endpoints(std::vector(3275, make_endpoint("a.example.", 65535)));
  REQUIRE(merged.size() == 1);
  CHECK(merged[0].weight == 3275U * 65535U);
  const std::vector<endpoint> top = merge_endpoints({make_endpoint("a.", 0xfffffff0), make_endpoint("a.", 0x20)});
  CHECK(top[0].weight == 0xffffffff);
}

TEST_CASE("merge_endpoints: no endpoints stay none", "[dns]") { CHECK(merge_endpoints({}).empty()); }

}  // namespace
