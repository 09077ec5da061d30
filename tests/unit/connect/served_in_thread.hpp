/// \file
/// A service whose name server and backends run in a separate thread.
#pragma once

#include "sdconnect/resolver/resolver.hpp"
#include "sdconnect/resolver/service_query.hpp"
#include "support/forging_server.hpp"
#include "support/reply_to.hpp"
#include "unit/connect/listeners.hpp"
#include "unit/transport/asking.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sdconnect::test {

/// _x._tcp.example.com. has two backends that accept connections and close them. `_one` has the
/// first of them, with a name whose AAAA queries get no answer. `_hole` has an endpoint that does
/// not answer, `_late` has two such endpoints, of which the server reports the second 200 ms later.
/// The server does not answer queries for `_y`. All other answers take a short time.
class served_in_thread {
 public:
  served_in_thread() {
    for (const char* address : {"127.0.0.11", "127.0.0.12"}) {
      accept(acceptors_.emplace_back(io_, tcp::endpoint(boost::asio::ip::make_address(address), 0)));
    }
    server_.emplace(io_.get_executor(),
                    [this](std::span<const std::uint8_t> query, lab::transport) { return answer(query); });
    thread_ = std::thread([this] { io_.run(); });
  }
  served_in_thread(const served_in_thread&) = delete;
  ~served_in_thread() {
    io_.stop();
    thread_.join();
  }

  [[nodiscard]] dns_client_options asked() const { return {.server_sets = {{name(), {remote(server_->endpoint())}}}}; }
  [[nodiscard]] std::uint64_t queries() const { return server_->queries(lab::transport::udp); }

 private:
  using tcp = boost::asio::ip::tcp;

  void accept(tcp::acceptor& at) {
    at.async_accept([this, &at](boost::system::error_code, const tcp::socket&) { accept(at); });
  }
  std::vector<test::reply> answer(std::span<const std::uint8_t> query) {
    const std::string asked = text_of(qname_of(query));
    const auto is_of = [&](std::string_view label) { return asked.find(label) != std::string::npos; };
    if (is_of("_y") || (is_of("mute") && type_of(query) == rr_type::aaaa)) return {};
    message_builder reply = reply_to(query);
    if (type_of(query) == rr_type::srv) {
      const auto lead_to = [&](const char* target, unsigned port) {
        reply.answer(qname_of(query), rr_type::srv, 60, rdata_srv(0, 1, port, target));
      };
      const auto port = [](const tcp::acceptor& at) { return at.local_endpoint().port(); };
      if (is_of("_one")) {
        lead_to("mute.example.com", port(acceptors_.front()));
      } else if (is_of("_hole")) {
        lead_to("hole.example.com", hole_.as_endpoint().port);
      } else if (is_of("_late")) {
        lead_to("hole.example.com", hole_.as_endpoint().port);
        lead_to("slowhole.example.com", hole_.as_endpoint().port);
      } else {
        lead_to("a.example.com", port(acceptors_.front()));
        lead_to("b.example.com", port(acceptors_.back()));
      }
    } else if (type_of(query) == rr_type::a) {
      reply.answer(qname_of(query), rr_type::a, 60,
                   rdata_a(is_of("hole")    ? "127.0.0.14"
                           : is_of("\001b") ? "127.0.0.12"
                                            : "127.0.0.11"));
    } else if (type_of(query) != rr_type::aaaa) {
      reply.rcode(3);
    }
    return {{.octets = reply.bytes(), .delay = std::chrono::milliseconds(is_of("slow") ? 200 : ++count_ % 2 * 2)}};
  }
  static std::string text_of(const wire_name& name) { return {name.bytes.begin(), name.bytes.end()}; }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = boost::asio::make_work_guard(io_);
  std::list<tcp::acceptor> acceptors_;
  loop unused_;  // no thread needs to run it
  const black_hole hole_{unused_};
  std::optional<test::forging_server> server_;
  std::uint32_t count_ = 0;
  std::thread thread_;
};

inline service_query query_for(std::string_view name, std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
  service_query query = service_query::from_text(name).value();
  query.timeout = timeout;
  return query;
}

}  // namespace sdconnect::test
