#include "bench/connect/listener.hpp"

#include "bench/support/knot_server.hpp"

#include <csignal>
#include <netinet/in.h>
#include <new>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sdconnect::bench {
namespace {

constexpr int longest_queue = 4096;

}  // namespace

listener_process::listener_process() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  if (::bind(socket_, address, size) != 0 || ::listen(socket_, longest_queue) != 0 ||
      ::getsockname(socket_, address, &size) != 0) {
    throw std::runtime_error("nothing to connect to");
  }
  at_ = {boost::asio::ip::address_v4::loopback(), ntohs(at.sin_port)};
  void* const shared = ::mmap(nullptr, sizeof *accepted_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::bad_alloc();
  accepted_ = new (shared) std::atomic<std::uint64_t>(0);

  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("no process to connect to");
  if (process_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  pin_to(side::server);
  for (;;) {
    const int accepted = ::accept(socket_, nullptr, nullptr);
    if (accepted < 0) continue;
    ::close(accepted);
    ++*accepted_;
  }
}

listener_process::~listener_process() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  ::munmap(accepted_, sizeof *accepted_);
  ::close(socket_);
}

void listener_process::catch_up(std::uint64_t connected) {
  while (*accepted_ < connected) ::usleep(200);
}

void close_at_once(boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace sdconnect::bench
