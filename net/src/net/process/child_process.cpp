#include "net/process/child_process.hpp"

#include "net/io/descriptor.hpp"

#include <boost/asio/error.hpp>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace sdconnect::detail {
namespace {

namespace asio = boost::asio;

constexpr int exit_code_of_signal_zero = 128;  // as in shells

error_code system_error_of(int number) noexcept { return {number, boost::system::system_category()}; }

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// How a child process starts. Everything except the group matters because a library does not know
/// which descriptors its program has open and which signals it ignores or blocks; a child inherits
/// Asio's sockets, for example.
class spawn_plan {
 public:
  spawn_plan() {
    ::posix_spawn_file_actions_init(&files_);
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      ::posix_spawn_file_actions_addopen(&files_, descriptor, "/dev/null", O_RDWR, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  spawn_plan(const spawn_plan&) = delete;
  spawn_plan& operator=(const spawn_plan&) = delete;
  ~spawn_plan() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  [[nodiscard]] result<pid_t> spawn(char* const* argv, char* const* environment) const {
    pid_t id = 0;
    const int fault = ::posix_spawnp(&id, argv[0], &files_, &attributes_, argv, environment);
    if (fault != 0) return system_error_of(fault);
    return id;
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

void kill_group(pid_t leader) noexcept {
  if (leader > 0) ::kill(-leader, SIGKILL);
}

}  // namespace

result<std::shared_ptr<child_process>> child_process::start(const asio::any_io_executor& executor,
                                                            std::vector<std::string> arguments,
                                                            std::vector<std::string> environment) {
  if (arguments.empty()) return system_error_of(ENOENT);
  const spawn_plan plan;
  const result<pid_t> id = plan.spawn(pointers(arguments).data(), pointers(environment).data());
  if (!id) return id.error();

  descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, *id, 0)));  // Linux 5.3; sets close-on-exec itself
  error_code ec = handle.get() < 0 ? last_error() : error_code();
  asio::posix::stream_descriptor awaited(executor);
  if (!ec) awaited.assign(handle.get(), ec);
  if (!ec) (void)handle.release();
  const auto made = std::make_shared<child_process>(key(), std::move(awaited), *id);
  if (ec) return ec;  // destroying `made` kills and reaps the process
  return made;
}

child_process::child_process(key, asio::posix::stream_descriptor handle, pid_t id)
    : handle_(std::move(handle)), id_(id) {}

child_process::~child_process() {
  kill();
  int ignored = 0;
  if (id_ > 0) (void)reap(ignored);
}

void child_process::wait(std::function<void(error_code, int)> ended) {
  handle_.async_wait(asio::posix::descriptor_base::wait_read,
                     [self = shared_from_this(), ended = std::move(ended)](error_code ec) {
                       int exit_code = 0;
                       if (!ec) ec = self->reap(exit_code);
                       ended(ec, exit_code);
                     });
}

void child_process::kill() noexcept { kill_group(id_); }

// Until the process is reaped, its process ID and group ID cannot be reused. So this function kills
// the rest of the group before it reaps the process.
error_code child_process::reap(int& exit_code) noexcept {
  siginfo_t how{};
  int failed = 0;
  do failed = ::waitid(P_PID, static_cast<id_t>(id_), &how, WEXITED | WNOWAIT);
  while (failed != 0 && errno == EINTR);
  if (failed != 0) {
    id_ = 0;
    return last_error();
  }
  kill();
  ::waitid(P_PID, static_cast<id_t>(id_), &how, WEXITED);
  id_ = 0;
  exit_code = how.si_code == CLD_EXITED ? how.si_status : exit_code_of_signal_zero + how.si_status;
  return {};
}

}  // namespace sdconnect::detail
