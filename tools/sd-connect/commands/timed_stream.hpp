/// \file
/// byte_stream over an Asio stream: each operation is started and the loop run until it completes
/// or the deadline passes.
#pragma once

#include "sd-connect/commands/byte_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace sdconnect::cli {

/// `start` begins one operation that completes with an error_code and perhaps a size. Without a
/// deadline it is waited for for ever. Past the deadline `socket` is closed, so that the operation
/// completes, and the result is errc::deadline_passed.
template <class Start>
error_code run_until(boost::asio::io_context& io, boost::asio::ip::tcp::socket& socket,
                     byte_stream::time_point deadline, Start&& start) {
  std::optional<error_code> outcome;
  std::forward<Start>(start)([&outcome](error_code ec, auto&&...) { outcome = ec; });
  io.restart();
  while (!outcome && io.run_one_until(deadline) > 0) {
  }
  if (outcome) return *outcome;
  error_code ignored;
  socket.close(ignored);
  io.restart();
  while (!outcome && io.run_one() > 0) {
  }
  return errc::deadline_passed;
}

template <class AsioStream>
class timed_stream final : public byte_stream {
 public:
  template <class... Args>
  explicit timed_stream(boost::asio::io_context& io, Args&&... args) : io_(io), stream_(std::forward<Args>(args)...) {}

  [[nodiscard]] AsioStream& next_layer() noexcept { return stream_; }
  [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept {
    if constexpr (requires { stream_.next_layer(); }) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  error_code write(std::string_view octets, time_point deadline) override {
    return run_until(io_, socket(), deadline, [&](auto handler) {
      boost::asio::async_write(stream_, boost::asio::buffer(octets.data(), octets.size()), std::move(handler));
    });
  }

  read_result read_some(std::span<char> into, std::optional<time_point> deadline) override {
    const auto buffer = boost::asio::buffer(into.data(), into.size());
    read_result result;
    if (!deadline) {
      result.octets = stream_.read_some(buffer, result.error);
      return result;
    }
    result.error = run_until(io_, socket(), *deadline, [&](auto handler) {
      stream_.async_read_some(buffer, [&result, handler](error_code ec, std::size_t octets) mutable {
        result.octets = octets;
        handler(ec);
      });
    });
    return result;
  }

 private:
  boost::asio::io_context& io_;
  AsioStream stream_;
};

}  // namespace sdconnect::cli
