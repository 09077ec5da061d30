/// \file
/// Name servers and a client on one event loop, and the outcome of a question.
#pragma once

#include "sdconnect/transport/dns_client.hpp"
#include "support/forging_server.hpp"
#include "support/name_of.hpp"
#include "support/reply_to.hpp"
#include "unit/lab/loop.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect::test {

inline question address_question() { return {name_of("h.example.com"), rr_type::a}; }

/// "192.0.2.<last>" for any question.
inline octets address_reply(std::span<const std::uint8_t> query, unsigned last = 1) {
  octets rdata = rdata_a("192.0.2.0");
  rdata[3] = static_cast<std::uint8_t>(last);
  return reply_to(query).answer(qname_of(query), rr_type::a, 60, rdata).bytes();
}

inline test::forger answers(unsigned last = 1) {
  return [last](std::span<const std::uint8_t> query, lab::transport) {
    return std::vector<test::reply>{{.octets = address_reply(query, last)}};
  };
}

inline test::forger is_silent() {
  return [](std::span<const std::uint8_t>, lab::transport) { return std::vector<test::reply>(); };
}

/// Replies with TC over UDP, and with `over_tcp` over TCP.
inline test::forger truncates(test::forger over_tcp) {
  return [over_tcp = std::move(over_tcp)](std::span<const std::uint8_t> query, lab::transport over) {
    if (over == lab::transport::tcp) return over_tcp(query, over);
    return std::vector<test::reply>{{.octets = reply_to(query).tc().bytes()}};
  };
}

inline name_server remote(const boost::asio::ip::udp::endpoint& at) {
  return name_server::at({ip_address::v4(at.address().to_v4().to_bytes()), at.port()});
}

/// A loopback address on which no server listens.
inline name_server nobody() {
  boost::asio::io_context io;
  boost::asio::ip::udp::socket taken(io, {boost::asio::ip::address_v4::loopback(), 0});
  return remote(taken.local_endpoint());
}

struct outcome {
  bool is_complete = false;
  error_code ec;
  query_result result;

  [[nodiscard]] std::vector<ip_address> addresses() const {
    return std::get<std::vector<ip_address>>(result.answer.records);
  }
  [[nodiscard]] int last_octet() const { return addresses().empty() ? -1 : addresses()[0].octets()[3]; }
};

struct asking {
  loop l;
  std::list<test::forging_server> servers;
  dns_client_options options{.server_sets = {{name(), {}}}};

  test::forging_server& serve(test::forger handler) {
    test::forging_server& server = servers.emplace_back(l.io.get_executor(), std::move(handler));
    options.server_sets[0].servers.push_back(remote(server.endpoint()));
    return server;
  }
  dns_client client() { return dns_client(l.io.get_executor(), options); }

  outcome ask(dns_client with, const question& q = address_question(),
              std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    outcome out;
    with.async_query(q, dns_client::clock::now() + timeout, [&out](error_code ec, query_result result) {
      out = {true, ec, std::move(result)};
    });
    CHECK_FALSE(out.is_complete);
    l.until([&] { return out.is_complete; });
    return out;
  }
  outcome ask() { return ask(client()); }
};

}  // namespace sdconnect::test
