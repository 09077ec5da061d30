/// \file
/// A TCP connection over loopback, pipes and files for tests of the relay. Tests prepare all data
/// in advance, so that the relay runs to its end on the test's thread. It gets its own thread only
/// if both sides must act at the same time.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <unistd.h>

namespace sdconnect::test {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct connection_pair {
  asio::io_context io;
  tcp::socket ours{io};
  tcp::socket peer{io};

  connection_pair() {
    std::signal(SIGPIPE, SIG_IGN);
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    ours.connect(acceptor.local_endpoint());
    peer = acceptor.accept();
  }

  void reset_from_peer() {
    peer.set_option(asio::socket_base::linger(true, 0));
    peer.close();
  }
  std::string read_all_from_ours() {
    std::string data;
    error_code ec;
    asio::read(peer, asio::dynamic_buffer(data), ec);
    return data;
  }
};

struct pipe_pair {
  int read_end = -1;
  int write_end = -1;

  pipe_pair() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    read_end = ends[0];
    write_end = ends[1];
  }
  pipe_pair(const pipe_pair&) = delete;
  pipe_pair& operator=(const pipe_pair&) = delete;
  ~pipe_pair() {
    close_read_end();
    close_write_end();
  }
  void close_read_end() { shut(read_end); }
  void close_write_end() { shut(write_end); }
  void write(const std::string& text) const {
    REQUIRE(::write(write_end, text.data(), text.size()) == ssize_t(text.size()));
  }
  [[nodiscard]] std::string read_all() const {
    std::string all;
    std::array<char, 65536> block;
    for (ssize_t n; (n = ::read(read_end, block.data(), block.size())) > 0;) all.append(block.data(), std::size_t(n));
    return all;
  }

 private:
  static void shut(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
};

struct temporary_file {
  std::FILE* file = std::tmpfile();

  temporary_file() = default;
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { std::fclose(file); }
  [[nodiscard]] int fd() const { return ::fileno(file); }
};

inline std::string numbered_octets(std::size_t size) {
  std::string data(size, '\0');
  std::uint32_t state = 12345;
  for (char& c : data) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return data;
}

}  // namespace sdconnect::test
