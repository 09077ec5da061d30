#include "program/foreground.hpp"

#include <cerrno>
#include <csignal>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

/// Blocks signals during its lifetime, so that sigwaitinfo() receives them.
class blocked_signals {
 public:
  blocked_signals() noexcept {
    // An ignored SIGCHLD is not sent, and the kernel discards the exit code of the child.
    std::signal(SIGCHLD, SIG_DFL);
    sigemptyset(&set_);
    for (const int signal : {SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP}) sigaddset(&set_, signal);
    sigprocmask(SIG_BLOCK, &set_, &before_);
  }
  blocked_signals(const blocked_signals&) = delete;
  blocked_signals& operator=(const blocked_signals&) = delete;
  ~blocked_signals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

  [[nodiscard]] const sigset_t& before() const noexcept { return before_; }
  [[nodiscard]] siginfo_t next() const noexcept {
    siginfo_t info{};
    while (sigwaitinfo(&set_, &info) < 0) {
    }
    return info;
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

result<pid_t> spawn(std::vector<std::string>& arguments, const sigset_t& mask) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);  // run_program() ignores it
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t id = 0;
  const int fault = posix_spawnp(&id, argv.front(), nullptr, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (fault != 0) return error_code(fault, boost::system::system_category());
  return id;
}

int exit_code_of_status(int status) noexcept {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

result<foreground_end> run_in_foreground(std::vector<std::string> arguments) {
  const blocked_signals signals;
  const result<pid_t> id = spawn(arguments, signals.before());
  if (!id) return id.error();
  bool was_asked_to_end = false;
  bool was_typed = false;  // Ctrl-C: a command may catch it and go on, as psql does
  for (;;) {
    const siginfo_t info = signals.next();
    if (info.si_signo == SIGCHLD) {
      int status = 0;
      if (::waitpid(*id, &status, WNOHANG) != *id) continue;  // stopped, or another child
      const int code = exit_code_of_status(status);
      return foreground_end{code, was_asked_to_end || (was_typed && code > 128)};
    }
    const bool is_typed = info.si_signo == SIGINT || info.si_signo == SIGQUIT;
    (is_typed ? was_typed : was_asked_to_end) = true;
    if (info.si_code <= 0) ::kill(*id, info.si_signo);  // sent by a process, not by the terminal
  }
}

}  // namespace sdconnect::cli
