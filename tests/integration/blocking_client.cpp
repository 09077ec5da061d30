// Connects with the blocking connect() using the name servers of resolv.conf, and prints the state
// of the process before and after: JSON objects, one per line.
//
//   blocking_client NAME               connects, keeps the socket in a static; then to a name that
//                                      does not exist
//   blocking_client NAME descriptors   connects repeatedly, with room for one more descriptor each
//                                      time, from none to enough, twice
#include "observed_client.hpp"
#include <sdconnect/connect/connector.hpp>

#include <boost/asio/read.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/resource.h>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using observed::tell;

std::size_t entries(const char* folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}
std::size_t threads() { return entries("/proc/self/task"); }
std::size_t descriptors() { return entries("/proc/self/fd"); }

// Destroyed after main().
tcp::socket& kept(const std::string& name) {
  static tcp::socket only = sdconnect::connect(name);
  return only;
}

void connect(const std::string& name) {
  const std::size_t at_first = threads();
  tcp::socket& socket = kept(name);
  const std::size_t with_socket = descriptors();
  std::string line(5, ' ');
  asio::read(socket, asio::buffer(line));  // waits, and needs no event loop
  tell({{"what", "connected"},
        {"line", line},
        {"new_threads", threads() - at_first},
        {"is_inherited", (::fcntl(socket.native_handle(), F_GETFD) & FD_CLOEXEC) == 0},
        {"is_blocking", (::fcntl(socket.native_handle(), F_GETFL) & O_NONBLOCK) == 0}});
  (void)sdconnect::connect(name);
  std::string error;
  try {
    (void)sdconnect::connect("_none." + name.substr(name.find('.') + 1));
  } catch (const sdconnect::connect_error& failed) {
    error = failed.what();
  }
  tell({{"what", "more"},
        {"error", error},
        {"new_threads", threads() - at_first},
        {"new_descriptors", descriptors() - with_socket}});
}

/// Returns the errors of the failed connects.
boost::json::array connect_with_few(const std::string& name) {
  boost::json::array errors;
  rlimit as_before{};
  ::getrlimit(RLIMIT_NOFILE, &as_before);
  for (rlim_t room = 0; room < 64; ++room) {
    rlimit few = as_before;
    few.rlim_cur = 3 + room;  // those of the standard streams are already open
    ::setrlimit(RLIMIT_NOFILE, &few);
    bool is_connected = false;
    try {
      (void)sdconnect::connect(name, std::chrono::seconds(2));
      is_connected = true;
    } catch (const sdconnect::connect_error& failed) {
      errors.emplace_back(failed.code().message());
    }
    ::setrlimit(RLIMIT_NOFILE, &as_before);
    if (is_connected) break;
  }
  return errors;
}

void run_out(const std::string& name) {
  const std::size_t before = descriptors();
  boost::json::array first = connect_with_few(name);
  const std::size_t with_what_lasts = descriptors();
  boost::json::array second = connect_with_few(name);
  const std::size_t after = descriptors();
  (void)sdconnect::connect(name);
  tell({{"what", "descriptors"},
        {"errors", std::move(first)},
        {"errors_again", std::move(second)},
        {"lasting", with_what_lasts - before},
        {"leaked", after - with_what_lasts},
        {"leaked_at_last", descriptors() - after}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: blocking_client NAME [descriptors]\n", stderr);
    return 64;
  }
  try {
    const std::string name = argv[1];
    argc > 2 ? run_out(name) : connect(name);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "blocking_client: %s\n", failed.what());
    return 1;
  }
}
