/// \file
/// One stream to a lab name server, and its events.
#pragma once

#include "support/forging_server.hpp"
#include "support/reply_to.hpp"
#include "transport/asio/asio_stream.hpp"
#include "unit/lab/loop.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

/// A query with ID `id` and one question.
inline octets query_with(unsigned id) {
  message_builder made(id);
  return made.question("h.example.com", rr_type::a).bytes();
}

inline test::forger echoes() {
  return [](std::span<const std::uint8_t> query, lab::transport) {
    return std::vector<test::reply>{{.octets = reply_to(query).bytes()}};
  };
}

inline server_address address_of(const test::forging_server& server) {
  return {ip_address::v4(server.endpoint().address().to_v4().to_bytes()), server.port()};
}

struct stream_scene {
  test::forging_server& serve(test::forger handler, lab::name_server_options how = {}) {
    return servers.emplace_back(l.io.get_executor(), std::move(handler), std::move(how));
  }

  /// Starts connecting.
  void open(const name_server& to) {
    opener.emplace(l.io.get_executor(), to, guard);
    open_again();
  }
  void open_again() {
    is_open = false;
    end.reset();
    stream = opener
                 ->open({.opened = [this] { is_open = true; },
                         .received =
                             [this](std::span<std::uint8_t> message) {
                               received.emplace_back(message.begin(), message.end());
                               if (on_received) on_received();
                               return !is_odd || !is_odd(message);
                             },
                         .closed =
                             [this](error_code ec) {
                               CHECK_FALSE(end);
                               end = ec;
                             }})
                 .value();
    CHECK_FALSE(is_open);
    CHECK_FALSE(end);
  }

  void write(unsigned id) { stream->write(query_with(id)); }
  void wait_for(std::size_t messages) {
    l.until([&] { return received.size() >= messages || end; });
    if (end) INFO(end->message());
    REQUIRE(received.size() == messages);
  }
  error_code wait_for_end() {
    l.until([&] { return end.has_value(); });
    return *end;
  }
  /// Runs pending work. Returns at once if there is none: an idle stream has no pending operation.
  void run_out() {
    l.io.restart();
    l.io.run();
  }
  [[nodiscard]] std::vector<std::uint16_t> ids() const {
    std::vector<std::uint16_t> out;
    for (const octets& message : received) out.push_back(id_of(message));
    return out;
  }

  loop l;
  std::shared_ptr<std::mutex> guard = std::make_shared<std::mutex>();
  std::list<test::forging_server> servers;
  std::optional<stream_opener> opener;
  bool is_open = false;
  std::optional<error_code> end;
  std::vector<octets> received;
  std::function<void()> on_received;
  std::function<bool(std::span<const std::uint8_t>)> is_odd;  ///< messages that are no reply
  std::shared_ptr<asio_stream> stream;
};

}  // namespace sdconnect::test
