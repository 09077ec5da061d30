#include "bench/support/knot_server.hpp"

#include "sdconnect/dns/query.hpp"

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace sdconnect::bench {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

// Returns a port that is free for UDP and TCP at this moment.
std::uint16_t free_port() {
  for (;;) {
    const int udp = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int tcp = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    const bool is_free =
        ::bind(udp, address, size) == 0 && ::getsockname(udp, address, &size) == 0 && ::bind(tcp, address, size) == 0;
    ::close(udp);
    ::close(tcp);
    if (is_free) return ntohs(at.sin_port);
  }
}

}  // namespace

void pin_to(side which) {
  static const cpu_set_t all = [] {
    cpu_set_t found;
    CPU_ZERO(&found);
    ::sched_getaffinity(0, sizeof found, &found);
    return found;
  }();
  if (CPU_COUNT(&all) < 2) return;
  int first = -1;
  int last = -1;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &all)) continue;
    if (first < 0) first = cpu;
    last = cpu;
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(which == side::server ? first : last, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

knot_server::knot_server(std::size_t services) : port_(free_port()) { serve(service_records(services)); }

knot_server::knot_server(std::string service, std::string_view records)
    : names_{std::move(service)}, port_(free_port()) {
  serve(records);
}

knot_server::~knot_server() {
  if (process_ > 0) {
    ::kill(process_, SIGTERM);
    ::kill(process_, SIGCONT);
    ::waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void knot_server::send_signal(int number) const { ::kill(process_, number); }

void knot_server::serve(std::string_view records) {
  std::string pattern = (std::filesystem::temp_directory_path() / "sdconnect-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder for the name server");
  folder_ = pattern;
  write_files(records);
  start();
  for (int tries = 0; tries < 100; ++tries) {
    if (is_ready()) return;
  }
  throw std::runtime_error("knotd does not answer");
}

std::string knot_server::service_records(std::size_t services) {
  std::ostringstream zone;
  for (std::size_t s = 0; s < services; ++s) {
    const std::string label = "_service" + std::to_string(s);
    names_.push_back(label + "._tcp.bench.example.");
    for (std::size_t e = 0; e < endpoints_per_service; ++e) {
      const std::string host = "host" + std::to_string(s) + '-' + std::to_string(e);
      zone << label << "._tcp SRV 0 10 8080 " << host << '\n';
      zone << host << " A 10." << e << '.' << (s >> 8) << '.' << (s & 255) << '\n';
      zone << host << " AAAA 2001:db8::" << e << ':' << std::hex << s << std::dec << '\n';
    }
  }
  return zone.str();
}

void knot_server::write_files(std::string_view records) const {
  const std::string folder = folder_.string();
  std::ofstream(folder_ / "knot.conf") << "server:\n    rundir: " << folder << "/run\n    listen: 127.0.0.1@" << port_
                                       << "\n    udp-workers: 1\n    tcp-workers: 1\n    background-workers: 1\n"
                                          "control:\n    listen: knot.sock\n"
                                          "log:\n  - target: stderr\n    any: error\n"
                                          "database:\n    storage: "
                                       << folder
                                       << "/db\n"
                                          "zone:\n  - domain: bench.example\n    file: "
                                       << folder << "/bench.zone\n";
  std::filesystem::create_directory(folder_ / "run");
  std::ofstream(folder_ / "bench.zone") << "$ORIGIN bench.example.\n$TTL 3600\n"
                                           "@ SOA ns1 hostmaster 1 3600 600 86400 60\n@ NS ns1\nns1 A 127.0.0.1\n"
                                        << records;
}

void knot_server::start() {
  const std::string configuration = (folder_ / "knot.conf").string();
  const std::string log = (folder_ / "log").string();
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("no process for the name server");
  if (process_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  pin_to(side::server);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execlp("knotd", "knotd", "-c", configuration.c_str(), nullptr);
  ::execl("/usr/sbin/knotd", "knotd", "-c", configuration.c_str(), nullptr);
  ::_exit(127);
}

// Sends one query and waits up to 100 ms for the answer.
bool knot_server::is_ready() const {
  if (::waitpid(process_, nullptr, WNOHANG) != 0) throw std::runtime_error("knotd ended; is it installed?");
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const sockaddr_in at = loopback(port_);
  const query_message query({name::from_text(names_.back()).value(), rr_type::srv}, 1, {});
  std::array<std::uint8_t, 1232> reply;
  ::pollfd ready{socket, POLLIN, 0};
  const bool is_answered = ::connect(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                           ::send(socket, query.octets().data(), query.octets().size(), 0) > 0 &&
                           ::poll(&ready, 1, 100) == 1 && ::recv(socket, reply.data(), reply.size(), 0) > 12 &&
                           reply[7] > 0;
  ::close(socket);
  if (!is_answered) ::usleep(20'000);
  return is_answered;
}

}  // namespace sdconnect::bench
