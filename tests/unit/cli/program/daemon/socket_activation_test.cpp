#include "program/daemon/socket_activation.hpp"

#include "program/exit_code.hpp"
#include "support/scoped_environment.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::cli;

namespace {

// As a service manager, which passes descriptors from 3 on; those of a test program are taken.
constexpr int first = 200;

void pass_sockets(int count) {
  const detail::descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  for (int i = 0; i < count; ++i) REQUIRE(::dup2(socket.get(), first + i) == first + i);
}

}  // namespace

TEST_CASE("socket activation: sockets come in order, with their names, and not to child processes", "[cli][daemon]") {
  const auto [names, expected] = GENERATE(Catch::Generators::table<std::string, std::vector<std::string>>({
      {"web:status:", {"web", "status", "unknown"}},
      {"web", {"web", "unknown", "unknown"}},
      {"", {"unknown", "unknown", "unknown"}},
      {"a:b:c:d:e", {"a", "b", "c"}},
  }));
  pass_sockets(3);
  const test::scoped_environment variables{
      {"LISTEN_PID", std::to_string(::getpid())}, {"LISTEN_FDS", "3"}, {"LISTEN_FDNAMES", names}};
  const std::vector<activated_socket> sockets = take_activated_sockets(first);
  REQUIRE(sockets.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(sockets[i].socket.get() == first + static_cast<int>(i));
    CHECK(sockets[i].name == expected[i]);
    CHECK(::fcntl(sockets[i].socket.get(), F_GETFD) == FD_CLOEXEC);
  }
  CHECK(std::getenv("LISTEN_PID") == nullptr);
  CHECK(std::getenv("LISTEN_FDS") == nullptr);
  CHECK(std::getenv("LISTEN_FDNAMES") == nullptr);
  CHECK(take_activated_sockets(first).empty());
}

TEST_CASE("socket activation: those of another process are not taken", "[cli][daemon]") {
  const std::string process = GENERATE("1", "", "x");
  const test::scoped_environment variables{{"LISTEN_PID", process}, {"LISTEN_FDS", "1"}};
  CHECK(take_activated_sockets(first).empty());
  CHECK(std::getenv("LISTEN_FDS") == nullptr);
}

TEST_CASE("socket activation: what no service manager passes is an error", "[cli][daemon][errors]") {
  const auto [count, message] = GENERATE(Catch::Generators::table<std::string, std::string>({
      {"-1", "LISTEN_FDS is no number of sockets"},
      {"x", "LISTEN_FDS is no number of sockets"},
      {"1000000", "LISTEN_FDS is no number of sockets"},
      {"3", "descriptor 202 of LISTEN_FDS is not open"},
  }));
  pass_sockets(2);
  const test::scoped_environment variables{{"LISTEN_PID", std::to_string(::getpid())}, {"LISTEN_FDS", count}};
  try {
    static_cast<void>(take_activated_sockets(first));
    FAIL("it was accepted");
  } catch (const failure& error) {
    CHECK(error.what() == message);
    CHECK(error.code() == exit_code::os_refused);
  }
  ::close(first);
  ::close(first + 1);
}
