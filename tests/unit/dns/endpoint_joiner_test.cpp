#include "support/endpoint_joiner.hpp"

#include "support/heap_meter.hpp"
#include "support/message_builder.hpp"
#include "support/name_of.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace sdconnect;

namespace {

using namespace std::chrono_literals;
using namespace test;

srv_record srv_to(const std::string& target, std::uint16_t port = 80) { return {1, 2, port, name_of(target)}; }

rrset addresses_of(const std::string& owner, std::initializer_list<std::string> texts, std::chrono::seconds ttl = 60s) {
  std::vector<ip_address> addresses;
  for (const std::string& text : texts) addresses.push_back(address_of(text));
  return {name_of(owner), addresses.front().is_v4() ? rr_type::a : rr_type::aaaa, ttl, addresses};
}

answer answer_of(std::vector<srv_record> records, std::vector<rrset> additional = {}) {
  answer a;
  a.records = std::move(records);
  a.ttl = 60s;
  a.additional = std::move(additional);
  return a;
}

/// "target port address address ..."
std::vector<std::string> described(std::span<const endpoint> endpoints) {
  std::vector<std::string> lines;
  for (const endpoint& e : endpoints) {
    lines.push_back(e.target.to_text() + ' ' + std::to_string(e.port));
    for (const ip_address& a : e.addresses) lines.back() += ' ' + a.to_text();
  }
  return lines;
}

using strings = std::vector<std::string>;

TEST_CASE("endpoint_joiner: each SRV record becomes an endpoint with the addresses that came along",
          "[dns][rfc2782][rfc-check-44][fault-S8]") {
  endpoint_joiner joiner;
  const answer a = answer_of({srv_to("a.", 1), srv_to("b.", 2), srv_to("b.", 3)},
                             {addresses_of("a.", {"192.0.2.1", "192.0.2.2"}), addresses_of("b.", {"192.0.2.3"}, 5s)});
  const auto endpoints = joiner.join(a);
  CHECK(described(endpoints) == strings{"a. 1 192.0.2.1 192.0.2.2", "b. 2 192.0.2.3", "b. 3 192.0.2.3"});
  CHECK(endpoints[0].priority == 1);
  CHECK(endpoints[0].weight == 2);
  CHECK(endpoints[0].ttl == 60s);
  CHECK(endpoints[1].ttl == 5s);
  CHECK_FALSE(endpoints[0].unresolved);
}

TEST_CASE("endpoint_joiner: addresses are found in any order and case", "[dns][fault-N1]") {
  const auto [what, additional] = GENERATE(table<std::string, std::vector<rrset>>({
      {"by owner",
       {addresses_of("a.", {"192.0.2.1"}), addresses_of("a.", {"::1"}), addresses_of("b.", {"192.0.2.2"}),
        addresses_of("b.", {"::2"})}},
      {"by type",
       {addresses_of("a.", {"192.0.2.1"}), addresses_of("b.", {"192.0.2.2"}), addresses_of("a.", {"::1"}),
        addresses_of("b.", {"::2"})}},
      {"reversed owners",
       {addresses_of("b.", {"192.0.2.2"}), addresses_of("b.", {"::2"}), addresses_of("A.", {"192.0.2.1"}),
        addresses_of("A.", {"::1"})}},
      {"others between",
       {addresses_of("x.", {"192.0.2.9"}), addresses_of("A.", {"192.0.2.1"}), addresses_of("y.", {"::9"}),
        addresses_of("b.", {"192.0.2.2"}), addresses_of("a.", {"::1"}), addresses_of("B.", {"::2"})}},
  }));
  CAPTURE(what);
  endpoint_joiner joiner;
  CHECK(described(joiner.join(answer_of({srv_to("a."), srv_to("b."), srv_to("a.", 81)}, additional))) ==
        strings{"a. 80 192.0.2.1 ::1", "b. 80 192.0.2.2 ::2", "a. 81 192.0.2.1 ::1"});
}

TEST_CASE("endpoint_joiner: IPv6 stays first where it came first", "[dns]") {
  endpoint_joiner joiner;
  const answer a = answer_of({srv_to("a.")}, {addresses_of("a.", {"::1"}), addresses_of("a.", {"192.0.2.1"})});
  CHECK(described(joiner.join(a)) == strings{"a. 80 ::1 192.0.2.1"});
}

TEST_CASE("endpoint_joiner: without an address nothing is known about a target", "[dns][rfc-check-45][fault-S21]") {
  endpoint_joiner joiner;
  const auto endpoints = joiner.join(answer_of({srv_to("a."), srv_to("b.")}, {addresses_of("b.", {"192.0.2.2"})}));
  CHECK(described(endpoints) == strings{"a. 80", "b. 80 192.0.2.2"});
  CHECK(endpoints[0].unresolved == errc::empty_answer);
  CHECK(endpoints[0].unresolved == condition::transient);
}

TEST_CASE("endpoint_joiner: records that nobody can connect to are left out", "[dns][rfc-check-43][fault-S5]") {
  endpoint_joiner joiner;
  CHECK(described(joiner.join(answer_of({srv_to("."), srv_to("a.", 0), srv_to("b.")}))) == strings{"b. 80"});
}

TEST_CASE("endpoint_joiner: other answers have no endpoints", "[dns]") {
  endpoint_joiner joiner;
  answer a = answer_of({srv_to("a.")});
  a.status = errc::nxdomain;
  CHECK(joiner.join(a).empty());
  a.status = {};
  a.records = std::vector{name_of("a.")};
  CHECK(joiner.join(a).empty());
}

TEST_CASE("endpoint_joiner: nothing of one answer is left in the next", "[dns]") {
  endpoint_joiner joiner;
  const answer first = answer_of({srv_to("a."), srv_to("b.")},
                                 {addresses_of("b.", {"192.0.2.2"}), addresses_of("a.", {"192.0.2.1"}, 1s)});
  CHECK(described(joiner.join(first)) == strings{"a. 80 192.0.2.1", "b. 80 192.0.2.2"});
  const answer second = answer_of({srv_to("b.", 81)}, {addresses_of("c.", {"192.0.2.3"})});
  const auto endpoints = joiner.join(second);
  CHECK(described(endpoints) == strings{"b. 81"});
  CHECK(endpoints[0].ttl == 60s);
  CHECK(endpoints[0].unresolved);
}

TEST_CASE("endpoint_joiner: the product of records and addresses stops at a limit", "[dns][fault-W27]") {
  std::vector<srv_record> records;
  for (std::uint16_t port = 1; port <= 1600; ++port) records.push_back(srv_to("a.", port));
  rrset many = addresses_of("a.", {"192.0.2.1"});
  std::get<std::vector<ip_address>>(many.records).resize(2000, address_of("192.0.2.1"));
  endpoint_joiner joiner;
  std::size_t addresses = 0;
  for (const endpoint& e : joiner.join(answer_of(records, {many}))) addresses += e.addresses.size();
  CHECK(addresses == max_joined_addresses);
}

TEST_CASE("endpoint_joiner: a reply is decoded and joined without allocation once storage is there", "[dns]") {
  message_builder message(1);
  message.response().question("q.example", rr_type::srv);
  std::vector<std::size_t> targets;
  for (unsigned i = 0; i < 100; ++i) {
    targets.push_back(message.offset() + 2 + 10 + 6);
    message.answer(wire_name::pointer(12), rr_type::srv, 60, rdata_srv(0, 0, 1, "h" + std::to_string(i) + ".example"));
  }
  for (const std::size_t at : targets) {
    message.additional(wire_name::pointer(at), rr_type::a, 60, {192, 0, 2, 1});
    message.additional(wire_name::pointer(at), rr_type::aaaa, 60, octets(16, 1));
  }
  const octets bytes = message.bytes();
  const question asked{name_of("q.example"), rr_type::srv};
  answer_reader reader;
  endpoint_joiner joiner;
  answer a;
  const auto decode = [&] { return reader.read(bytes, asked, a) ? std::span<const endpoint>() : joiner.join(a); };
  REQUIRE(decode().size() == 100);

  const heap_meter meter;
  const auto endpoints = decode();
  CHECK(meter.allocations() == 0);
  CHECK(endpoints.size() == 100);
  CHECK(endpoints[99].target.to_text() == "h99.example.");
  CHECK(endpoints[99].addresses.size() == 2);
}

}  // namespace
