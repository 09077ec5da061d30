#include "program/foreground.hpp"

#include <catch2/catch.hpp>

#include <csignal>

using namespace sdconnect;
using cli::run_in_foreground;

namespace {

cli::foreground_end end_of(const std::string& script) { return run_in_foreground({"sh", "-c", script}).value(); }

}  // namespace

TEST_CASE("foreground: exit codes, and 128 + n for a signal", "[cli][exec][fault-O31]") {
  CHECK(end_of("exit 0").exit_code == 0);
  CHECK(end_of("exit 7").exit_code == 7);
  CHECK(end_of("kill -9 $$").exit_code == 137);
  CHECK_FALSE(end_of("kill -9 $$").was_interrupted);
}

TEST_CASE("foreground: what cannot be run", "[cli][exec][fault-O31]") {
  CHECK(run_in_foreground({"/nonexistent/program"}).error() == boost::system::errc::no_such_file_or_directory);
  CHECK(run_in_foreground({"/"}).error() == boost::system::errc::permission_denied);
}

TEST_CASE("foreground: signals from other processes are passed on, and the wish to end is reported",
          "[cli][exec][fault-O31]") {
  // The parent of the shell is this process.
  const cli::foreground_end ended = end_of("trap 'exit 9' TERM; kill -TERM $PPID; while :; do sleep 0.01; done");
  CHECK(ended.exit_code == 9);
  CHECK(ended.was_interrupted);
  const cli::foreground_end typed = end_of("trap 'exit 1' INT; kill -INT $PPID; while :; do sleep 0.01; done");
  CHECK(typed.exit_code == 1);
  CHECK_FALSE(typed.was_interrupted);  // it caught Ctrl-C, and went on until it failed
  const cli::foreground_end killed = end_of("kill -INT $PPID; while :; do sleep 0.01; done");
  CHECK(killed.exit_code == 130);
  CHECK(killed.was_interrupted);
}

TEST_CASE("foreground: the signal mask and actions are as before, and those of a fresh process in the command",
          "[cli][exec][fault-O31]") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  CHECK(end_of("kill -PIPE $$").exit_code == 128 + SIGPIPE);
  CHECK(end_of("kill -INT $$").exit_code == 128 + SIGINT);
  std::signal(SIGPIPE, before);
  sigset_t mask;
  sigprocmask(SIG_BLOCK, nullptr, &mask);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) CHECK(sigismember(&mask, signal) == 0);
}
