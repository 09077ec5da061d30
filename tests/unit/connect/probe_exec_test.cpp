// Active checks by a command.
#include "unit/connect/probe_scene.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/wait.h>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

endpoint host1() {
  endpoint e;
  e.target = name::from_text("host1.example.com").value();
  e.port = 18081;
  e.addresses = {ip_address::v4({127, 0, 0, 11})};
  return e;
}

std::string text_of(const scratch_file& file) {
  std::ostringstream text;
  text << std::ifstream(file.path()).rdbuf();
  return text.str();
}

bool has_children() {
  const pid_t found = ::waitpid(-1, nullptr, WNOHANG);
  return found >= 0 || errno != ECHILD;
}

bool is_running(pid_t id) {
  // A killed process that init has not reaped yet is a zombie: it counts as not running.
  std::ifstream status("/proc/" + std::to_string(id) + "/stat");
  std::string number, command, state;
  status >> number >> command >> state;
  return !state.empty() && state != "Z" && state != "X";
}

struct exec_scene : probing {
  explicit exec_scene(const std::string& script, std::vector<std::string> arguments = {}) {
    settings.kind = probe_kind::exec;
    settings.command = {"sh", "-c", script, "sh"};
    settings.command.insert(settings.command.end(), arguments.begin(), arguments.end());
  }
  ~exec_scene() {
    l.io.restart();
    l.io.run();  // nothing is left to wait for except the killed process
    CHECK_FALSE(has_children());
  }
};

}  // namespace

TEST_CASE("probe: exec is well when the command ends with 0", "[connect][probe][exec]") {
  const auto [script, exit_code, text] = GENERATE(table<std::string, int, std::string>({
      {"exit 0", 0, ""},
      {"exit 3", 3, "command ended with 3"},
      {"kill -TERM $$", 128 + SIGTERM, "command ended by signal 15"},
  }));
  exec_scene p(script);
  const error_code ec = p.run(host1());
  CHECK(p.seen->exit_code == exit_code);
  CHECK((ec ? ec.message() : "") == text);
  CHECK(p.seen->address == ip_address::v4({127, 0, 0, 11}));
  CHECK_FALSE(p.seen->connect_time.has_value());
}

TEST_CASE("probe: exec tells the command which endpoint, in words and variables", "[connect][probe][exec]") {
  const scratch_file out("");
  exec_scene p("echo \"$1 $SD_HOST $SD_PORT $SD_ADDR ${SD_TXT_OLD-none} $#\" > " + out.path(),
               {"{host}:{port}/{addr}"});
  ::setenv("SD_TXT_OLD", "of another endpoint", 1);
  CHECK_FALSE(p.run(host1()));
  ::unsetenv("SD_TXT_OLD");
  CHECK(text_of(out) == "host1.example.com:18081/127.0.0.11 host1.example.com 18081 127.0.0.11 none 1\n");
}

TEST_CASE("probe: exec gives the command no descriptor, no input and no signal of ours to ignore",
          "[connect][probe][exec][fault-L31]") {
  const scratch_file out("");
  exec_scene p("exec 2>" + out.path() + "; ls /proc/self/fd >&2; cat >&2; kill -PIPE $$");
  const listener open_meanwhile(p.l, "127.0.0.11");
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  CHECK(p.run(host1()).message() == "command ended by signal 13");
  std::signal(SIGPIPE, before);
  CHECK(text_of(out) == "0\n1\n2\n3\n");  // 3 is the directory itself
}

TEST_CASE("probe: exec that cannot run is told apart", "[connect][probe][exec]") {
  exec_scene p("");
  p.settings.command = {"/nonexistent/command"};
  CHECK(p.run(host1()) == boost::system::errc::no_such_file_or_directory);
  p.settings.command = {"/dev/null"};
  CHECK(p.run(host1()) == boost::system::errc::permission_denied);
  CHECK_FALSE(p.seen->exit_code.has_value());
}

TEST_CASE("probe: exec does not run for a target that looks like an option, nor without an address",
          "[connect][probe][exec][fault-L30]") {
  const scratch_file out("");
  exec_scene p("echo run > " + out.path());
  endpoint e = host1();
  e.target = name::from_text("-rf.example.com").value();
  CHECK(p.run(e) == errc::bad_target);
  e = host1();
  e.addresses = {ip_address::v4({0, 0, 0, 0})};
  CHECK(p.run(e) == errc::refused_address);
  e.addresses.clear();
  CHECK(p.run(e) == errc::unreachable);
  CHECK(text_of(out).empty());
}

TEST_CASE("probe: exec at its deadline is killed with all its group, and reaped", "[connect][probe][exec]") {
  const scratch_file out("");
  exec_scene p("trap '' TERM; sleep 1000 & echo $! > " + out.path() + "; wait");
  // The deadline must not expire before the command has begun, so the test sets it itself.
  boost::asio::cancellation_signal signal;
  bool by_deadline = GENERATE(true, false);
  p.timeout = by_deadline ? 300ms : 10s;
  prober(p.settings)
      .async_probe(p.l.io.get_executor(), host1(), std::chrono::steady_clock::now() + p.timeout,
                   boost::asio::bind_cancellation_slot(signal.slot(), [&](error_code ec, const probe_result& r) {
                     p.ec = ec;
                     p.seen = r;
                   }));
  if (!by_deadline) {
    while (text_of(out).empty()) p.l.io.poll();
    signal.emit(boost::asio::cancellation_type::total);
  }
  p.l.until([&] { return p.seen.has_value(); });
  CHECK(p.ec == (by_deadline ? error_code(p.ec) : boost::asio::error::operation_aborted));
  if (by_deadline) CHECK(p.ec.message() == "no answer within the time limit");
  CHECK_FALSE(p.seen->exit_code.has_value());
  p.l.io.restart();
  p.l.io.run();
  CHECK_FALSE(has_children());
  if (const std::string sleeper = text_of(out); !sleeper.empty()) {
    p.l.until([&] { return !is_running(std::stoi(sleeper)); });
  }
}

TEST_CASE("probe: exec leaves nothing behind of what the command started", "[connect][probe][exec]") {
  const scratch_file out("");
  exec_scene p("sleep 1000 & echo $! > " + out.path());
  CHECK_FALSE(p.run(host1()));
  const pid_t sleeper = std::stoi(text_of(out));
  p.l.until([&] { return !is_running(sleeper); });
}

TEST_CASE("probe: exec ends with the loop it runs on", "[connect][probe][exec][fault-X36]") {
  const auto kept = std::make_shared<int>();
  {
    probing p;
    p.settings = {.kind = probe_kind::exec, .command = {"sleep", "1000"}};
    prober(p.settings)
        .async_probe(p.l.io.get_executor(), host1(), std::chrono::steady_clock::now() + 1h,
                     [kept](error_code, const probe_result&) { FAIL("called"); });
    p.l.io.poll();
    CHECK(has_children());
  }
  CHECK(kept.use_count() == 1);
  CHECK_FALSE(has_children());
}
