/// \file
/// Common parts of the programs that tests observe: they print JSON objects, one per line, until
/// their standard input ends.
#pragma once

#include <sdconnect/transport/dns_client.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace observed {

constexpr auto tuple = boost::asio::as_tuple(boost::asio::use_awaitable);

inline double seconds(std::chrono::steady_clock::duration span) { return std::chrono::duration<double>(span).count(); }

/// Adds "time", CLOCK_MONOTONIC in seconds.
inline void tell(boost::json::object line) {
  line["time"] = seconds(std::chrono::steady_clock::now().time_since_epoch());
  const std::string text = boost::json::serialize(line) + '\n';
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

inline boost::asio::awaitable<void> stop_at_end_of_input(boost::asio::io_context& io) {
  boost::asio::posix::stream_descriptor input(io, ::dup(STDIN_FILENO));
  std::array<char, 64> ignored{};
  for (;;) {
    auto [ec, size] = co_await input.async_read_some(boost::asio::buffer(ignored), tuple);
    if (ec) break;
  }
  io.stop();
}

inline sdconnect::dns_client client_of(boost::asio::io_context& io, std::string_view server) {
  sdconnect::dns_client_options options;
  sdconnect::server_set everything;
  everything.servers.push_back(sdconnect::name_server::from_text(server).value());
  options.server_sets.push_back(std::move(everything));
  return {io.get_executor(), std::move(options)};
}

}  // namespace observed
