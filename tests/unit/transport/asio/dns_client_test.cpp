// The client over UDP, with servers that forge, fail or do not exist.
#include "unit/transport/asking.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

TEST_CASE("dns client: asks and answers", "[transport][rfc1035]") {
  asking a;
  test::forging_server& server = a.serve(answers(7));
  const outcome out = a.ask();
  CHECK_FALSE(out.ec);
  CHECK(out.last_octet() == 7);
  CHECK(out.result.report.asked == address_question());
  CHECK(out.result.report.server == "127.0.0.1#" + std::to_string(server.port()));
  REQUIRE(out.result.report.attempts.size() == 1);
  CHECK(out.result.report.attempts[0].server == out.result.report.server);
  CHECK(out.result.report.attempts[0].transport == dns_transport::udp);
}

TEST_CASE("dns client: forged replies are dropped and the true one is used",
          "[transport][rfc5452][rfc-check-54][fault-X1][fault-X5]") {
  asking a;
  a.serve([](std::span<const std::uint8_t> query, lab::transport) {
    octets other_id = address_reply(query, 66);
    other_id[0] ^= 0x80;
    const octets other_question = message_builder(id_of(query))
                                      .response()
                                      .question("g.example.com", rr_type::a)
                                      .answer("g.example.com", rr_type::a, 60, rdata_a("192.0.2.66"))
                                      .bytes();
    return std::vector<test::reply>{{.octets = other_id},
                                    {.octets = other_question},
                                    {.octets = address_reply(query, 66), .from_other_port = true},
                                    {.octets = {}},
                                    {.octets = {1}},
                                    {.octets = address_reply(query, 1), .delay = 1ms}};
  });
  const outcome out = a.ask();
  CHECK_FALSE(out.ec);
  CHECK(out.last_octet() == 1);
  CHECK(out.result.report.attempts.at(0).discarded == 4);  // the one from another port never reached the socket
}

TEST_CASE("dns client: 20,000 forged replies do not get in, after 100 a query goes over TCP",
          "[transport][rfc5452][fault-X2]") {
  asking a;
  a.serve([](std::span<const std::uint8_t> query, lab::transport over) {
    if (over == lab::transport::tcp) return std::vector<test::reply>{{.octets = address_reply(query, 1)}};
    std::vector<test::reply> replies;
    for (unsigned i = 1; i <= 200; ++i) {
      replies.push_back({.octets = address_reply(query, 66)});
      const unsigned id = (id_of(query) + i) & 0xFFFF;
      replies.back().octets[0] = static_cast<std::uint8_t>(id >> 8);
      replies.back().octets[1] = static_cast<std::uint8_t>(id);
    }
    replies.push_back({.octets = address_reply(query, 1), .delay = 1ms});
    return replies;
  });
  const dns_client client = a.client();
  for (int i = 0; i < 100; ++i) REQUIRE(a.ask(client).last_octet() == 1);
  CHECK(client.statistics().discarded >= 100 * 100);
  CHECK(client.statistics().streams_opened == 1);
}

TEST_CASE("dns client: a reply that comes after the timeout is not used for the next query", "[transport][fault-X16]") {
  asking a;
  a.options.first_timeout = 20ms;
  int queries = 0;
  octets first;
  test::forger handler = [&](std::span<const std::uint8_t> query, lab::transport) {
    if (++queries == 1) {
      first = address_reply(query, 66);
      return std::vector<test::reply>();
    }
    return std::vector<test::reply>{{.octets = first}, {.octets = address_reply(query, 1)}};
  };
  a.serve(handler);
  const outcome out = a.ask();
  CHECK(out.last_octet() == 1);
  REQUIRE(out.result.report.attempts.size() >= 2);
  CHECK(out.result.report.attempts[0].result == errc::query_timed_out);
}

TEST_CASE("dns client: after a silent server the next one is asked", "[transport][fault-X14]") {
  asking a;
  a.options.first_timeout = 10ms;
  a.serve(is_silent());
  a.serve(answers(2));
  const outcome out = a.ask();
  CHECK(out.last_octet() == 2);
  CHECK(out.result.report.attempts.at(0).result == errc::query_timed_out);
  CHECK(out.result.report.server == a.options.server_sets[0].servers[1].label);
}

TEST_CASE("dns client: a closed port is noticed at once", "[transport][fault-X17]") {
  asking a;
  a.options.first_timeout = 60s;
  a.options.server_sets[0].servers.push_back(nobody());
  SECTION("the next server answers") {
    a.serve(answers(2));
    const outcome out = a.ask(a.client(), address_question(), 300s);
    CHECK(out.last_octet() == 2);
    CHECK(out.result.report.attempts.at(0).result == boost::asio::error::connection_refused);
  }
  SECTION("there is no other") {
    const outcome out = a.ask(a.client(), address_question(), 300s);
    CHECK(out.ec == errc::network_failure);
    CHECK(out.ec == condition::transient);
    CHECK(out.result.report.server.empty());
  }
}

TEST_CASE("dns client: an address that cannot be sent to fails without the event loop's help",
          "[transport][fault-X33]") {
  asking a;
  a.options.server_sets[0].servers.push_back(name_server::at({ip_address::v4({255, 255, 255, 255}), 53}));
  CHECK(a.ask().ec == errc::network_failure);
}

TEST_CASE("dns client: the deadline holds with servers that are silent", "[transport][fault-X15]") {
  asking a;
  a.serve(is_silent());
  a.serve(is_silent());
  const auto timeout = 120ms;
  const auto began = dns_client::clock::now();
  const outcome out = a.ask(a.client(), address_question(), timeout);
  const auto took = dns_client::clock::now() - began;
  CHECK(out.ec == errc::query_timed_out);
  CHECK(took >= timeout);
  CHECK(took < 5s);
  // However short the time is, each server is tried twice.
  CHECK(a.servers.front().queries(lab::transport::udp) >= 2);
  CHECK(a.servers.back().queries(lab::transport::udp) >= 2);
}

TEST_CASE("dns client: a deadline that has passed is a timeout", "[transport]") {
  asking a;
  a.serve(answers());
  const outcome out = a.ask(a.client(), address_question(), -1h);
  CHECK(out.ec == errc::query_timed_out);
  CHECK(out.result.report.attempts.empty());
}

TEST_CASE("dns client: the kind of no is the error", "[transport][rfc2308]") {
  asking a;
  errc expected{};
  test::forger handler;
  SECTION("nxdomain") {
    expected = errc::nxdomain;
    handler = [](auto query, lab::transport) {
      return std::vector<test::reply>{{.octets = reply_to(query).rcode(3).bytes()}};
    };
  }
  SECTION("refused") {
    expected = errc::server_refused;
    handler = [](auto query, lab::transport) {
      return std::vector<test::reply>{{.octets = reply_to(query).rcode(5).bytes()}};
    };
  }
  SECTION("servfail") {
    expected = errc::server_failure;
    handler = [](auto query, lab::transport) {
      return std::vector<test::reply>{{.octets = reply_to(query).rcode(2).bytes()}};
    };
  }
  a.serve(handler);
  const outcome out = a.ask();
  CHECK(out.ec == expected);
  CHECK(out.result.report.status == expected);
}

TEST_CASE("dns client: the set with the longest matching domain is asked", "[transport]") {
  asking a;
  a.serve(answers(1));
  const auto add = [&](const char* domain, unsigned last) {
    test::forging_server& server = a.servers.emplace_back(a.l.io.get_executor(), answers(last));
    a.options.server_sets.push_back({name_of(domain), {remote(server.endpoint())}});
  };
  add("example.com", 2);
  add("sub.example.com", 3);
  const dns_client client = a.client();
  CHECK(a.ask(client, {name_of("h.example.net"), rr_type::a}).last_octet() == 1);
  CHECK(a.ask(client, {name_of("h.EXAMPLE.com"), rr_type::a}).last_octet() == 2);
  CHECK(a.ask(client, {name_of("sub.example.com"), rr_type::a}).last_octet() == 3);
  CHECK(a.ask(client, {name_of("notsub.example.com"), rr_type::a}).last_octet() == 2);
}

TEST_CASE("dns client: without a server for the name it says so", "[transport]") {
  asking a;
  a.options.server_sets[0].domain = name_of("example.net");
  const outcome out = a.ask();
  CHECK(out.ec == errc::no_name_servers);
  CHECK(out.result.report.asked == address_question());
}

TEST_CASE("dns client: rotation begins each question at another server", "[transport][rfc-check-64]") {
  asking a;
  a.options.rotate = true;
  a.serve(answers(1));
  a.serve(answers(2));
  const dns_client client = a.client();
  CHECK(a.ask(client).last_octet() == 1);
  CHECK(a.ask(client).last_octet() == 2);
  CHECK(a.ask(client).last_octet() == 1);
}

TEST_CASE("dns client: a zone file answers in place of a server", "[transport]") {
  asking a;
  const auto file =
      std::make_shared<const zone>(*zone::parse("$ORIGIN example.com.\n@ 60 SOA ns h 1 2 3 4 5\nh 60 A 192.0.2.9\n"));
  a.options.server_sets[0].servers.push_back(name_server::of(file, "file:test"));
  a.options.tcp_only = GENERATE(false, true);
  const outcome out = a.ask();
  CHECK(out.last_octet() == 9);
  CHECK(out.result.report.server == "file:test");
  CHECK(out.result.report.attempts.at(0).transport == dns_transport::file);
}
