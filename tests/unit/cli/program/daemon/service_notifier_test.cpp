#include "program/daemon/service_notifier.hpp"

#include "support/scoped_environment.hpp"
#include "support/scratch_folder.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace sdconnect;
using namespace sdconnect::cli;

namespace {

// The socket of a service manager.
struct manager {
  explicit manager(const std::string& name) : socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  }

  // "" if nothing came.
  [[nodiscard]] std::string message() const {
    std::string block(4096, '\0');
    const auto size = ::recv(socket.get(), block.data(), block.size(), 0);
    return size > 0 ? block.substr(0, static_cast<std::size_t>(size)) : "";
  }

  detail::descriptor socket;
};

}  // namespace

TEST_CASE("service notifier: tells the service manager each state", "[cli][daemon]") {
  const test::scratch_folder folder;
  const bool is_abstract = GENERATE(false, true);
  const std::string name =
      is_abstract ? "@sdconnect.test." + std::to_string(::getpid()) : folder.path().string() + "/notify";
  const manager m(name);
  const test::scoped_environment variables{{"NOTIFY_SOCKET", name}};
  service_notifier notifier = service_notifier::from_environment();
  REQUIRE(notifier.is_connected());
  CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);  // children must not speak for this process
  CHECK_FALSE(notifier.watchdog_period());

  notifier.ready("3 listeners");
  CHECK(m.message() == "READY=1\nSTATUS=3 listeners\n");
  notifier.reloading();
  const std::string reloading = m.message();
  CHECK(reloading.rfind("RELOADING=1\nMONOTONIC_USEC=", 0) == 0);
  CHECK(reloading.find_first_not_of("0123456789", 27) == reloading.size() - 1);
  notifier.status("a\nREADY=0");
  CHECK(m.message() == "STATUS=a\\010READY=0\n");
  notifier.watchdog();
  CHECK(m.message() == "WATCHDOG=1\n");
  notifier.stopping("draining");
  CHECK(m.message() == "STOPPING=1\nSTATUS=draining\n");
}

TEST_CASE("service notifier: a service manager that reads nothing does not stop the program", "[cli][daemon]") {
  const test::scratch_folder folder;
  const std::string name = folder.path().string() + "/notify";
  const manager m(name);
  const test::scoped_environment variables{{"NOTIFY_SOCKET", name}};
  service_notifier notifier = service_notifier::from_environment();
  for (int i = 0; i < 10'000; ++i) notifier.watchdog();
  CHECK(m.message() == "WATCHDOG=1\n");
}

TEST_CASE("service notifier: without a service manager it does nothing", "[cli][daemon]") {
  const std::string name =
      GENERATE("", "/", "relative", "/nonexistent/notify", "@sdconnect.test.nobody", "/" + std::string(200, 'x'));
  const test::scoped_environment variables{{"NOTIFY_SOCKET", name}, {"WATCHDOG_USEC", "1000000"}};
  service_notifier notifier = service_notifier::from_environment();
  CHECK_FALSE(notifier.is_connected());
  CHECK_FALSE(notifier.watchdog_period());
  notifier.ready("nobody listens");
  notifier.watchdog();
}

TEST_CASE("service notifier: the watchdog is fed twice in its period", "[cli][daemon]") {
  const std::string self = std::to_string(::getpid());
  const auto [usec, process, expected] = GENERATE_COPY(Catch::Generators::table<std::string, std::string, int>({
      {"10000000", self, 5'000'000},
      {"10000000", "1", 0},  // for another process
      {"10000000", "x", 0},
      {"0", self, 0},
      {"-5", self, 0},
      {"5s", self, 0},
      {"", self, 0},
  }));
  const test::scratch_folder folder;
  const std::string name = folder.path().string() + "/notify";
  const manager m(name);
  const test::scoped_environment variables{{"NOTIFY_SOCKET", name}, {"WATCHDOG_USEC", usec}, {"WATCHDOG_PID", process}};
  const service_notifier notifier = service_notifier::from_environment();
  CHECK(notifier.watchdog_period().value_or(std::chrono::microseconds(0)).count() == expected);
  CHECK(std::getenv("WATCHDOG_USEC") == nullptr);
  CHECK(std::getenv("WATCHDOG_PID") == nullptr);
}
