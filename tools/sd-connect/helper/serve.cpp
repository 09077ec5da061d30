/// \file
/// `sd-connect forward` and `sd-connect proxy`: runs a helper until a signal ends it.
///
/// SIGHUP, and a change of the configuration file, read the configuration again; a mistake in it
/// leaves everything as it was. SIGTERM and SIGINT end the helper when the last client has left
/// (--drain); a second one ends it at once.

#include "helper/run/helper.hpp"
#include "program/daemon/service_notifier.hpp"
#include "program/daemon/socket_activation.hpp"
#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/finding.hpp"
#include "sd-connect/helper/helper_commands.hpp"
#include "sd-connect/helper/helper_settings.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <cstdlib>
#include <sys/resource.h>
#include <sys/stat.h>

namespace sdconnect::cli {
namespace {

constexpr std::chrono::seconds file_period{1};

/// Two descriptors a client, and some for everything else.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// What identifies the content of a file without reading it.
struct file_state {
  ino_t file = 0;
  off_t size = 0;
  timespec changed{};

  static file_state of(const std::string& path) {
    struct stat status {};
    if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
    return {status.st_ino, status.st_size, status.st_mtim};
  }
  friend bool operator==(const file_state& a, const file_state& b) {
    return a.file == b.file && a.size == b.size && a.changed.tv_sec == b.changed.tv_sec &&
           a.changed.tv_nsec == b.changed.tv_nsec;
  }
};

class serving {
 public:
  explicit serving(const invocation& said)
      : said_(said),
        settings_(helper_settings_of(said)),
        notifier_(service_notifier::from_environment()),
        log_(settings_.log),
        helper_(io_, log_, std::string(said.program.version)),
        signals_(io_, SIGTERM, SIGINT, SIGHUP),
        file_timer_(io_),
        watchdog_(io_),
        file_(file_state::of(said.from_file.path)) {}

  exit_code run() {
    raise_descriptor_limit();
    apply(take_activated_sockets());
    for (const std::string& line : helper_.listening()) print(line + '\n');
    flush_output();
    notifier_.ready("serving");
    wait_for_signal();
    watch_file();
    feed_watchdog();
    io_.run();
    return exit_code::done;
  }

 private:
  void apply(std::vector<activated_socket> activated = {}) {
    helper_.apply(
        settings_.helper, settings_.asking,
        [common = settings_.common](boost::asio::any_io_executor executor) { return resolver_of(executor, *common); },
        std::move(activated));
  }

  void wait_for_signal() {
    signals_.async_wait([this](error_code ec, int signal) {
      if (ec) return;
      if (signal == SIGHUP)
        reload();
      else if (std::exchange(is_ending_, true))
        io_.stop();
      else
        drain();
      wait_for_signal();
    });
  }

  void drain() {
    notifier_.stopping("waiting for clients to leave");
    log_.write(log_level::info, "", "ending", {{"clients", helper_.clients()}});
    file_timer_.cancel();
    helper_.drain([this] { io_.stop(); });
  }

  void reload() {
    notifier_.reloading();
    try {
      invocation again = said_;
      again.from_file = load_config_for(said_);
      helper_settings fresh = helper_settings_of(again);
      std::swap(settings_, fresh);
      try {
        apply();
        log_.write(log_level::info, "", "configuration read",
                   {{"changed",
                     settings_.asking == fresh.asking ? "listeners and routes" : "name servers or connecting too"}});
      } catch (...) {
        std::swap(settings_, fresh);
        throw;
      }
    } catch (const failure& why) {
      log_.write(log_level::error, "", "the configuration is as before", {{"reason", why.what()}});
    }
    notifier_.ready("serving");
  }

  void watch_file() {
    if (said_.from_file.path.empty()) return;
    file_timer_.expires_after(file_period);
    file_timer_.async_wait([this](error_code ec) {
      if (ec) return;
      if (const file_state now = file_state::of(said_.from_file.path); !(now == file_)) {
        file_ = now;
        reload();
      }
      watch_file();
    });
  }

  void feed_watchdog() {
    const auto period = notifier_.watchdog_period();
    if (!period) return;
    notifier_.watchdog();
    watchdog_.expires_after(*period);
    watchdog_.async_wait([this](error_code ec) {
      if (!ec) feed_watchdog();
    });
  }

  const invocation& said_;
  helper_settings settings_;
  service_notifier notifier_;
  logger log_;
  boost::asio::io_context io_{1};
  helper::helper helper_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer file_timer_, watchdog_;
  file_state file_;
  bool is_ending_ = false;
};

}  // namespace

exit_code run_forward(const invocation& said) { return serving(said).run(); }
exit_code run_proxy(const invocation& said) { return serving(said).run(); }

}  // namespace sdconnect::cli
