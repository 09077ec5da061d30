// How a relay over real descriptors serves both directions.

#include "sd-connect/commands/relay_loop.hpp"
#include "unit/cli/relay_world.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <future>
#include <limits.h>
#include <string>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>

using namespace sdconnect::test;
using sdconnect::cli::relay;
using sdconnect::cli::relay_end;
using sdconnect::cli::relay_result;

TEST_CASE("relay: the flags of the descriptors it was given stay as they are", "[cli][relay]") {
  connection_pair net;
  pipe_pair input;
  pipe_pair output;
  const int kept_output = ::dup(output.write_end);
  auto running = std::async(std::launch::async, [&] {
    return relay({.input = input.read_end, .output = output.write_end, .socket = net.ours.native_handle()});
  });
  input.write("x");
  std::string x(1, '\0');
  asio::read(net.peer, asio::buffer(x));  // the relay is running now

  CHECK((::fcntl(input.read_end, F_GETFL) & O_NONBLOCK) == 0);
  CHECK((::fcntl(kept_output, F_GETFL) & O_NONBLOCK) == 0);

  ::close(kept_output);
  input.close_write_end();
  net.peer.close();
  CHECK(running.get().end == relay_end::complete);
}

TEST_CASE("relay: an output that is not read does not hold up the other direction", "[cli][relay][fault-L16]") {
  connection_pair net;
  pipe_pair input;
  pipe_pair output;
  const std::string much = numbered_octets(1'000'000);  // more than a pipe and the relay's buffer hold
  auto running = std::async(std::launch::async, [&] {
    return relay({.input = input.read_end, .output = output.write_end, .socket = net.ours.native_handle()});
  });
  std::thread sender([&] {
    asio::write(net.peer, asio::buffer(much));
    net.peer.shutdown(tcp::socket::shutdown_send);
  });
  // Wait until the pipe is full.
  const int capacity = ::fcntl(output.write_end, F_GETPIPE_SZ);
  while (::write(input.write_end, "", 0) == 0) {
    int held = 0;
    REQUIRE(::ioctl(output.read_end, FIONREAD, &held) == 0);
    if (held + PIPE_BUF > capacity) break;
    std::this_thread::yield();
  }

  input.write("still heard");
  std::string heard(11, '\0');
  asio::read(net.peer, asio::buffer(heard));
  CHECK(heard == "still heard");

  input.close_write_end();
  CHECK(output.read_all() == much);
  sender.join();
  CHECK(running.get().end == relay_end::complete);
}

TEST_CASE("relay: 32 MiB in each direction at once arrive intact", "[cli][relay]") {
  connection_pair net;
  pipe_pair input;
  pipe_pair output;
  const std::string up = numbered_octets(32 * 1024 * 1024);
  const std::string down(up.rbegin(), up.rend());
  auto running = std::async(std::launch::async, [&] {
    return relay({.input = input.read_end, .output = output.write_end, .socket = net.ours.native_handle()});
  });
  std::thread writer([&] {
    for (std::size_t at = 0; at < up.size(); at += 1024 * 1024) {
      [[maybe_unused]] const ssize_t n = ::write(input.write_end, up.data() + at, 1024 * 1024);
    }
    input.close_write_end();
  });
  std::thread sender([&] {
    asio::write(net.peer, asio::buffer(down));
    net.peer.shutdown(tcp::socket::shutdown_send);
  });
  auto sent = std::async(std::launch::async, [&] { return net.read_all_from_ours(); });

  CHECK((output.read_all() == down));
  CHECK((sent.get() == up));
  writer.join();
  sender.join();
  const relay_result result = running.get();
  CHECK(result.end == relay_end::complete);
  CHECK(result.octets_sent == up.size());
  CHECK(result.octets_written == down.size());
}
