// A client that is destroyed after its context, and what happens to its questions.
#include "support/test_certificate.hpp"
#include "unit/transport/asking.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

namespace asio = boost::asio;

/// Servers on one loop; the client is on another loop, which ends before the client.
struct two_loops {
  loop servers;
  std::optional<asio::io_context> io{std::in_place};
  bool is_on_strand = false;
  std::optional<test::forging_server> server;
  dns_client_options options;
  std::optional<dns_client> client;
  std::shared_ptr<int> kept = std::make_shared<int>();

  void serve(test::forger handler, dns_transport over) {
    lab::name_server_options how;
    if (over == dns_transport::tls) {
      const certificate own = make_certificate("IP:127.0.0.1");
      how.tls = sdconnect::detail::tls_identity{.certificate_pem = own.certificate_pem, .key_pem = own.key_pem};
    }
    server.emplace(servers.io.get_executor(), std::move(handler), how);
    ask_at(remote(server->endpoint()).address, over);
  }
  void ask_at(const server_address& at, dns_transport over) {
    const name_server to =
        over == dns_transport::tls ? name_server::over_tls(at, {.opportunistic = true}) : name_server::at(at);
    options.server_sets = {{name(), {to}}};
    options.tcp_only = over == dns_transport::tcp;
  }
  void make_client() {
    if (is_on_strand) {
      client.emplace(asio::make_strand(*io), options);
    } else {
      client.emplace(io->get_executor(), options);
    }
  }
  void until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      if (servers.io.stopped()) servers.io.restart();
      servers.io.run_one_for(1ms);
      if (io->stopped()) io->restart();
      io->poll();
      REQUIRE(std::chrono::steady_clock::now() < end);
    }
  }
  /// The handler holds the client, as a session does, and must not be called.
  void ask_in_vain() {
    client->async_query(address_question(), dns_client::clock::now() + 30s,
                        [held = kept, copy = *client](error_code, const query_result&) { FAIL("called"); });
  }
  void ask() {
    bool is_complete = false;
    client->async_query(address_question(), dns_client::clock::now() + 30s,
                        [&](error_code ec, const query_result&) { is_complete = !ec; });
    until([&] { return is_complete; });
  }
};

}  // namespace

TEST_CASE("dns client: it may outlive its context, with questions at every stage", "[transport][lifetime]") {
  two_loops t;
  t.is_on_strand = GENERATE(false, true);
  CAPTURE(t.is_on_strand);
  std::optional<asio::ip::tcp::acceptor> acceptor;
  SECTION("unused") {
    t.ask_at({}, dns_transport::udp);
    t.make_client();
  }
  SECTION("a question begun, over whatever") {
    t.serve(is_silent(), GENERATE(dns_transport::udp, dns_transport::tcp, dns_transport::tls));
    t.make_client();
    t.ask_in_vain();
  }
  SECTION("sent and not answered, others in the queue") {
    const auto over = GENERATE(dns_transport::udp, dns_transport::tcp, dns_transport::tls);
    t.serve(is_silent(), over);
    t.options.max_in_flight = 1;
    t.make_client();
    t.ask_in_vain();
    t.ask_in_vain();
    const auto counted = over == dns_transport::udp ? lab::transport::udp : lab::transport::tcp;
    t.until([&] { return t.server->queries(counted) == 1; });
  }
  SECTION("in a TLS handshake that nobody answers") {
    acceptor.emplace(t.servers.io, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    t.ask_at({ip_address::v4({127, 0, 0, 1}), acceptor->local_endpoint().port()}, dns_transport::tls);
    t.make_client();
    t.ask_in_vain();
    asio::ip::tcp::socket peer(t.servers.io);
    acceptor->accept(peer);
    t.until([&] { return peer.available() > 0; });
  }
  SECTION("answered, with a connection kept open") {
    t.serve(answers(), GENERATE(dns_transport::udp, dns_transport::tcp, dns_transport::tls));
    t.make_client();
    t.ask();
  }
  SECTION("failed, and not told yet") {
    t.make_client();
    t.ask_in_vain();
  }
  t.io.reset();
  CHECK(t.kept.use_count() == 1);
  const dns_client copy = *t.client;
  t.client.reset();
}

TEST_CASE("dns client: a cancellation after the end of the context does nothing", "[transport][lifetime]") {
  two_loops t;
  t.serve(is_silent(), dns_transport::udp);
  t.make_client();
  asio::cancellation_signal signal;
  t.client->async_query(address_question(), dns_client::clock::now() + 30s,
                        asio::bind_cancellation_slot(
                            signal.slot(), [held = t.kept](error_code, const query_result&) { FAIL("called"); }));
  t.io.reset();
  CHECK(t.kept.use_count() == 1);
  signal.emit(asio::cancellation_type::terminal);
}

TEST_CASE("dns client: questions for another context go with the client's own", "[transport][lifetime]") {
  two_loops t;
  asio::io_context other;
  t.serve(is_silent(), dns_transport::udp);
  t.make_client();
  t.client->async_query(
      address_question(), dns_client::clock::now() + 30s,
      asio::bind_executor(other.get_executor(), [held = t.kept](error_code, const query_result&) { FAIL("called"); }));
  other.poll();
  CHECK_FALSE(other.stopped());
  t.io.reset();
  CHECK(t.kept.use_count() == 1);
  other.poll();
  CHECK(other.stopped());  // it has no more work
}

TEST_CASE("dns client: it may outlive a thread pool that was stopped at any time", "[transport][lifetime][threads]") {
  two_loops t;
  t.serve(answers(), GENERATE(dns_transport::udp, dns_transport::tls));
  std::optional<asio::thread_pool> pool(std::in_place, 2);
  t.client.emplace(pool->get_executor(), t.options);
  const int before_stop = GENERATE(0, 1, 8);
  std::atomic<int> answered{0};
  for (int i = 0; i < 32; ++i) {
    t.client->async_query(
        address_question(), dns_client::clock::now() + 30s,
        [&answered, held = t.kept, copy = *t.client](error_code, const query_result&) { ++answered; });
  }
  t.until([&] { return answered >= before_stop; });
  pool.reset();
  CHECK(t.kept.use_count() == 1);
}
