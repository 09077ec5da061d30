// Many queries at once: the queue, descriptors, and how predictable IDs and ports are.
#include "unit/transport/asking.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <fcntl.h>
#include <map>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

question numbered(std::size_t i) { return {name_of("h" + std::to_string(i) + ".example.com"), rr_type::a}; }

// While it exists the process cannot open a descriptor, and neither can a sanitizer: make no checks
// during that time.
class no_descriptors {
 public:
  no_descriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    ::rlimit none = before_;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;
  ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  ::rlimit before_{};
};

}  // namespace

TEST_CASE("dns client: no more than max_in_flight at once, the rest in order", "[transport][fault-X38]") {
  asking a;
  a.options.max_in_flight = 4;
  std::vector<octets> asked;
  std::size_t unanswered = 0, most = 0;
  a.serve([&](std::span<const std::uint8_t> query, lab::transport) {
    asked.emplace_back(qname_of(query).bytes);
    most = std::max(most, ++unanswered);
    return std::vector<test::reply>{{.octets = address_reply(query), .delay = 1ms}};
  });
  dns_client client = a.client();
  std::vector<octets> expected;
  std::size_t done = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    expected.push_back(wire_name(numbered(i).qname).bytes);
    client.async_query(numbered(i), dns_client::clock::now() + 30s, [&](error_code ec, query_result) {
      CHECK_FALSE(ec);
      --unanswered;
      ++done;
    });
  }
  a.l.until([&] { return done == 40; });
  CHECK(most == 4);
  CHECK(asked == expected);
}

TEST_CASE("dns client: a question does not overtake those that wait", "[transport][fault-X38]") {
  asking a;
  a.options.max_in_flight = 1;
  a.serve(answers());
  dns_client client = a.client();
  std::string order;
  const auto ask = [&](char who, auto then) {
    client.async_query(address_question(), dns_client::clock::now() + 10s,
                       [&order, who, then](error_code, query_result) {
                         order += who;
                         then();
                       });
  };
  const auto nothing = [] {};
  ask('a', [&] { ask('d', nothing); });
  ask('b', nothing);
  ask('c', nothing);
  a.l.until([&] { return order.size() == 4; });
  CHECK(order == "abcd");
}

TEST_CASE("dns client: the deadline holds in the queue too", "[transport][fault-X38]") {
  asking a;
  a.options.max_in_flight = 1;
  test::forging_server& server = a.serve(is_silent());
  dns_client client = a.client();
  int done = 0;
  for (int i = 0; i < 3; ++i) {
    client.async_query(numbered(0), dns_client::clock::now() + 50ms, [&](error_code ec, query_result result) {
      CHECK(ec == errc::query_timed_out);
      CHECK(result.report.asked == numbered(0));
      ++done;
    });
  }
  a.l.until([&] { return done == 3; });
  CHECK(server.queries(lab::transport::udp) >= 1);
}

TEST_CASE("dns client: a long queue of questions that fail at once is a loop, not a recursion",
          "[transport][fault-X38][fault-B21]") {
  asking a;
  a.options.max_in_flight = 1;
  a.serve(is_silent());
  a.options.server_sets.push_back(
      {name_of("unreachable.example"), {name_server::at({ip_address::v4({255, 255, 255, 255}), 53})}});
  dns_client client = a.client();
  const auto deadline = dns_client::clock::now() + 60s;
  boost::asio::cancellation_signal signal;
  constexpr std::size_t count = 12000;
  std::size_t done = 0;
  client.async_query(address_question(), deadline,
                     boost::asio::bind_cancellation_slot(signal.slot(), [&](error_code, query_result) { ++done; }));
  for (std::size_t i = 0; i < count; ++i) {
    client.async_query({name_of("h.unreachable.example"), rr_type::a}, deadline,
                       [&](error_code ec, query_result) { done += ec == errc::network_failure ? 1 : 0; });
  }
  signal.emit(boost::asio::cancellation_type::terminal);
  a.l.until([&] { return done == count + 1; });
}

TEST_CASE("dns client: without descriptors a query waits for one, until its deadline", "[transport][fault-X20]") {
  asking a;
  a.serve(answers());
  dns_client client = a.client();
  outcome first, second;
  bool second_was_complete = false;
  {
    const no_descriptors none;
    const auto now = dns_client::clock::now();
    client.async_query(address_question(), now + 60ms, [&](error_code ec, query_result result) {
      first = {true, ec, std::move(result)};
    });
    client.async_query(address_question(), now + 10s, [&](error_code ec, query_result result) {
      second = {true, ec, std::move(result)};
    });
    while (!first.is_complete && dns_client::clock::now() < now + 10s) a.l.io.run_one_until(now + 10s);
    second_was_complete = second.is_complete;
  }
  CHECK(first.ec == boost::system::errc::too_many_files_open);
  CHECK_FALSE(second_was_complete);
  a.l.until([&] { return second.is_complete; });
  CHECK_FALSE(second.ec);
  CHECK(second.last_octet() == 1);
}

TEST_CASE("dns client: a query leaves no descriptor behind", "[transport][fault-X27]") {
  asking a;
  a.serve(truncates(answers()));
  const dns_client client = a.client();
  const auto next_descriptor = [] {
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(next);
    return next;
  };
  (void)a.ask(client);
  const int before = next_descriptor();
  for (int i = 0; i < 20; ++i) REQUIRE_FALSE(a.ask(client).ec);
  a.servers.clear();
  CHECK(next_descriptor() <= before);
}

TEST_CASE("dns client: the ports that real sockets leave from are drawn, none serves long nor twice in a row",
          "[transport][rfc5452][rfc-check-55][fault-X3][fault-X31]") {
  asking a;
  constexpr std::size_t count = 3000;
  boost::asio::ip::udp::socket server(a.l.io, {boost::asio::ip::address_v4::loopback(), 0});
  a.options.server_sets[0].servers.push_back(remote(server.local_endpoint()));
  server.non_blocking(true);
  const dns_client client = a.client();
  std::vector<std::uint16_t> ports;
  octets query(512);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t done = 0;
    dns_client(client).async_query(address_question(), dns_client::clock::now() + 10s,
                                   [&](error_code, query_result) { ++done; });
    boost::asio::ip::udp::endpoint from;
    server.receive_from(boost::asio::buffer(query), from);
    ports.push_back(from.port());
    server.send_to(boost::asio::buffer(address_reply(query)), from);
    a.l.until([&] { return done == 1; });
  }
  std::map<std::uint16_t, unsigned> used;
  for (std::size_t i = 0; i < count; ++i) {
    ++used[ports[i]];
    if (i > 0) REQUIRE(ports[i] != ports[i - 1]);
  }
  // 3,000 queries leave from at least 94 ports, unless they took more than 2 s. Drawing a port
  // again after it was closed is rare: 94^2 / 2 / 64,512, once in 15 runs; three such ports in one
  // run, once in 20,000.
  CHECK(used.size() + 3 >= count / 32);
  CHECK(used.begin()->first < 16384);  // outside the range from which Linux chooses; fails once in 10^11 runs
  CHECK(used.rbegin()->first > 49152);
  CHECK(client.statistics().sockets_opened >= used.size());
  CHECK(client.statistics().datagrams_sent == count);
}

TEST_CASE("dns client: nothing keeps the loop running, nor a socket open, after the last answer", "[transport]") {
  asking a;
  a.options.tcp_only = GENERATE(false, true);
  boost::asio::io_context io;
  a.serve(answers());
  std::size_t done = 0;
  dns_client client(io.get_executor(), a.options);
  for (int i = 0; i < 5; ++i) {
    client.async_query(address_question(), dns_client::clock::now() + 30s, [&](error_code ec, query_result) {
      CHECK_FALSE(ec);
      ++done;
    });
  }
  a.l.until([&] {
    a.l.io.poll();
    io.poll();
    return io.stopped();
  });
  CHECK(done == 5);
  CHECK(client.statistics().sockets_open == 0);
  CHECK(client.statistics().in_flight == 0);
}

TEST_CASE("dns client: other servers for new questions, the old ones for those under way", "[transport]") {
  asking a;
  test::forging_server& silent = a.serve(is_silent());
  dns_client client = a.client();
  outcome first;
  client.async_query(address_question(), dns_client::clock::now() + 150ms, [&](error_code ec, query_result result) {
    first = {true, ec, std::move(result)};
  });
  a.l.until([&] { return silent.queries(lab::transport::udp) == 1; });
  test::forging_server& other = a.servers.emplace_back(a.l.io.get_executor(), answers(2));
  client.replace_server_sets({{name(), {remote(other.endpoint())}}});
  client.reset_connections();
  CHECK(a.ask(client).last_octet() == 2);
  a.l.until([&] { return first.is_complete; });
  CHECK(first.ec == errc::query_timed_out);
}

TEST_CASE("dns client: timeouts and deadlines of max() are no limits", "[transport][fault-O36]") {
  asking a;
  a.options.first_timeout = a.options.stream_idle_timeout = std::chrono::milliseconds::max();
  a.options.tcp_only = GENERATE(false, true);
  a.options.max_in_flight = 1;  // the others wait in the queue
  a.serve(answers());
  dns_client client = a.client();
  std::size_t done = 0;
  for (int i = 0; i < 3; ++i) {
    client.async_query(address_question(), dns_client::clock::time_point::max(), [&](error_code ec, query_result) {
      CHECK_FALSE(ec);
      ++done;
    });
  }
  a.l.until([&] { return done == 3; });
  CHECK_FALSE(a.ask(client).ec);
  CHECK(client.statistics().streams_opened == (a.options.tcp_only ? 1 : 0));
}
