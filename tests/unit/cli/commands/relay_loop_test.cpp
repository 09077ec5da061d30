// How a relay over real descriptors ends.

#include "sd-connect/commands/relay_loop.hpp"

#include "unit/cli/relay_world.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <fcntl.h>
#include <future>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

using namespace sdconnect::test;
using sdconnect::cli::relay;
using sdconnect::cli::relay_end;
using sdconnect::cli::relay_result;

TEST_CASE("relay: a regular file goes out, the reply comes back through a pipe, which is closed at the end",
          "[cli][relay]") {
  connection_pair net;
  temporary_file input;
  pipe_pair output;
  std::fputs("question", input.file);
  std::rewind(input.file);
  asio::write(net.peer, asio::buffer("answer", 6));
  net.peer.shutdown(tcp::socket::shutdown_send);

  const relay_result result =
      relay({.input = input.fd(), .output = output.write_end, .socket = net.ours.native_handle()});

  CHECK(result.end == relay_end::complete);
  CHECK(result.octets_sent == 8);
  CHECK(result.octets_written == 6);
  CHECK(net.read_all_from_ours() == "question");
  CHECK(output.read_all() == "answer");  // ends although output.write_end, now /dev/null, is still open here
}

TEST_CASE("relay: both ends may be regular files", "[cli][relay]") {
  connection_pair net;
  temporary_file input;
  temporary_file output;
  const int kept_output = ::dup(output.fd());
  asio::write(net.peer, asio::buffer("answer", 6));
  net.peer.shutdown(tcp::socket::shutdown_send);

  const relay_result result = relay({.input = input.fd(), .output = output.fd(), .socket = net.ours.native_handle()});

  CHECK(result.end == relay_end::complete);
  std::array<char, 16> written{};
  CHECK(::pread(kept_output, written.data(), written.size(), 0) == 6);
  CHECK(std::string(written.data()) == "answer");
  ::close(kept_output);
}

TEST_CASE("relay: one socket as input and output sees the end of the peer while it still sends",
          "[cli][relay][fault-L14]") {
  connection_pair net;
  std::array<int, 2> user{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, user.data()) == 0);
  const int output = ::dup(user[0]);
  auto running = std::async(std::launch::async, [&] {
    return relay({.input = user[0], .output = output, .socket = net.ours.native_handle()});
  });

  net.peer.shutdown(tcp::socket::shutdown_send);
  char octet = 0;
  CHECK(::read(user[1], &octet, 1) == 0);
  REQUIRE(::write(user[1], "late", 4) == 4);
  std::string late(4, '\0');
  asio::read(net.peer, asio::buffer(late));
  CHECK(late == "late");
  ::shutdown(user[1], SHUT_WR);

  CHECK(running.get().end == relay_end::complete);
  for (const int fd : {user[0], user[1], output}) ::close(fd);
}

TEST_CASE("relay: a reset by the peer ends it with an error, after what came before", "[cli][relay][fault-L15]") {
  connection_pair net;
  pipe_pair input;
  pipe_pair output;
  asio::write(net.peer, asio::buffer("half an ans", 11));
  net.reset_from_peer();

  const relay_result result =
      relay({.input = input.read_end, .output = output.write_end, .socket = net.ours.native_handle()});

  CHECK(result.end == relay_end::socket_failed);
  CHECK(result.error == boost::system::errc::connection_reset);
  output.close_write_end();
  CHECK(output.read_all() == "half an ans");
}

TEST_CASE("relay: a peer that ended and then went away is noticed without input", "[cli][relay][fault-L15]") {
  connection_pair net;
  pipe_pair input;
  pipe_pair output;
  auto running = std::async(std::launch::async, [&] {
    return relay({.input = input.read_end, .output = output.write_end, .socket = net.ours.native_handle()});
  });
  net.peer.shutdown(tcp::socket::shutdown_send);
  CHECK(output.read_all().empty());

  net.reset_from_peer();

  CHECK(running.get().end == relay_end::socket_failed);
}

TEST_CASE("relay: an output without reader ends it", "[cli][relay][fault-L19]") {
  connection_pair net;
  pipe_pair input;
  pipe_pair output;
  output.close_read_end();

  SECTION("when data come for it") { asio::write(net.peer, asio::buffer("data", 4)); }
  SECTION("without data, when the input has ended too") { input.close_write_end(); }
  const relay_result result =
      relay({.input = input.read_end, .output = output.write_end, .socket = net.ours.native_handle()});
  CHECK(result.end == relay_end::output_closed);
}

TEST_CASE("relay: an input that fails is not passed off as a complete one", "[cli][relay]") {
  connection_pair net;
  pipe_pair output;
  const int directory = ::open("/", O_RDONLY | O_DIRECTORY);

  const relay_result result =
      relay({.input = directory, .output = output.write_end, .socket = net.ours.native_handle()});

  CHECK(result.end == relay_end::input_failed);
  CHECK(result.error == boost::system::errc::is_a_directory);
  net.ours.close();
  error_code ec;
  char octet = 0;
  net.peer.read_some(asio::buffer(&octet, 1), ec);
  CHECK(ec == asio::error::connection_reset);
  ::close(directory);
}
