/// \file
/// `sd-connect check`: tries every endpoint once, by a connection, an HTTP request, a TLS handshake
/// or a command.

#include "sd-connect/commands/check.hpp"

#include "program/output.hpp"
#include "program/report.hpp"
#include "program/signals.hpp"
#include "sd-connect/commands/choice.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/http_fields.hpp"
#include "sd-connect/commands/stream_service.hpp"
#include "sd-connect/explain/explain.hpp"
#include "sd-connect/options/ca_file.hpp"
#include "sd-connect/options/http_values.hpp"
#include "sdconnect/balancer/health_group.hpp"
#include "sdconnect/balancer/selection_trace.hpp"
#include "sdconnect/connect/probe.hpp"
#include "text/names.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

// Large enough to check a large service quickly; small enough for a limit of 256 descriptors and
// for the listen queue of the service.
constexpr std::size_t at_once = 64;

probe_options settings_of(const options& opts, const service& found) {
  probe_options settings{.kind = opts.check,
                         .connecting = {.attempt_timeout = opts.connect_timeout,
                                        .use_ipv4 = opts.query->want_ipv4,
                                        .use_ipv6 = opts.query->want_ipv6},
                         .path = opts.path,
                         .head_only = opts.head_only,
                         .headers = opts.headers,
                         .user_agent = user_agent(),
                         .expected = opts.expected_statuses,
                         .over_tls = opts.tls,
                         .tls_name = opts.tls_name,
                         .server_name = host_without_port(opts.host),
                         .ca_file = opts.ca_file,
                         .command = opts.command_line};
  // One value serves all endpoints: they belong to the same service.
  if (!found.endpoints.empty()) settings.host = host_of_user(opts, found.endpoints.front());
  return settings;
}

/// Tries endpoints in parallel and starts them in their order. Everything runs on the thread that
/// runs the loop of the context.
class checker {
 public:
  checker(const options& opts, boost::asio::any_io_executor executor, const service& found)
      : executor_(std::move(executor)), timeout_(opts.timeout), prober_(settings_of(opts, found)) {
    for (std::size_t i = 0; i < found.endpoints.size(); ++i) add(opts, found.endpoints[i], i);
  }

  void start() {
    while (under_way_ < at_once && start_next()) {
    }
  }

  [[nodiscard]] bool is_done() const noexcept { return under_way_ == 0; }
  [[nodiscard]] const std::vector<endpoint_check>& checks() const noexcept { return checks_; }
  [[nodiscard]] const std::vector<connect_attempt>& attempts() const noexcept { return attempts_; }

  std::function<void()> on_done;

 private:
  void add(const options& opts, const endpoint& e, std::size_t number) {
    if (!opts.all_addresses || e.addresses.empty()) {
      checks_.push_back({.where = e, .error = e.unresolved, .number = number});
      return;
    }
    for (const ip_address& address : e.addresses) {
      checks_.push_back({.where = e, .address = address, .number = number});
      checks_.back().where.addresses = {address};
    }
  }

  bool start_next() {
    while (next_ < checks_.size() && checks_[next_].error) ++next_;
    if (next_ == checks_.size()) return false;
    const std::size_t index = next_++;
    ++under_way_;
    // Each endpoint has its own deadline, so the last of ten thousand gets as much time as the
    // first.
    prober_.async_probe(executor_, checks_[index].where, std::chrono::steady_clock::now() + timeout_,
                        [this, index](error_code ec, const probe_result& seen) {
                          finish(checks_[index], ec, seen);
                          --under_way_;
                          start();
                          if (under_way_ == 0 && on_done) on_done();
                        });
    return true;
  }

  void finish(endpoint_check& check, error_code ec, const probe_result& seen) {
    check.error = ec;
    if (seen.address) check.address = seen.address;
    check.elapsed = seen.elapsed;
    check.connect_time = seen.connect_time;
    check.tls_version = seen.tls_version;
    check.http_status = seen.http_status;
    check.exit_code = seen.exit_code;
    attempts_.insert(attempts_.end(), seen.attempts.begin(), seen.attempts.end());
  }

  boost::asio::any_io_executor executor_;
  std::chrono::milliseconds timeout_;
  prober prober_;
  std::vector<endpoint_check> checks_;
  std::vector<connect_attempt> attempts_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
};

bool is_no_command(error_code ec) noexcept {
  using enum boost::system::errc::errc_t;
  return ec == no_such_file_or_directory || ec == permission_denied || ec == executable_format_error ||
         ec == not_a_directory;
}

void require_command(const options& opts, const std::vector<endpoint_check>& checks) {
  for (const endpoint_check& check : checks) {
    if (opts.check == probe_kind::exec && is_no_command(check.error))
      throw fail(exit_code::no_input, "cannot run", in_quotes(opts.command_line.front()), check.error.message());
  }
}

/// How the command ends, or nothing if every check succeeded. A local failure, such as a lack of
/// descriptors, says nothing about the service; the rows of the others do.
std::optional<failure> failure_of(const options& opts, const std::vector<endpoint_check>& checks) {
  const auto down = std::ranges::count_if(checks, [](const endpoint_check& c) { return bool(c.error); });
  if (down == 0) return std::nullopt;
  const auto is_own = [](const endpoint_check& c) { return c.error && exit_code_of(c.error) == exit_code::os_refused; };
  const endpoint_check& first = checks.front();
  if (std::ranges::all_of(checks, is_own))
    return fail(exit_code::os_refused, first.error.message(),
                opts.query->qname.to_text() + " at " + display(first.where));
  return fail(exit_code::unavailable,
              fmt::format("{} of {} {} down", down, checks.size(), opts.all_addresses ? "addresses" : "endpoints"),
              opts.query->qname.to_text());
}

/// Runs the loop until every endpoint is checked. Check commands run in their own process groups,
/// so a signal to this process does not reach them. A signal therefore stops the loop, whose
/// destruction kills the commands. Returns that signal, or 0 for none.
int run_to_end(command_context& with, checker& all, bool has_commands) {
  int came = 0;
  boost::asio::signal_set signals(with.io());
  if (has_commands) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      if (!is_ignored(signal)) signals.add(signal);
    }
    signals.async_wait([&](error_code ec, int signal) {
      if (ec) return;
      came = signal;
      with.io().stop();
    });
    all.on_done = [&signals] { signals.cancel(); };
  }
  all.start();
  if (all.is_done()) signals.cancel();
  with.run();
  return came;
}

/// Health of the endpoints as a balancer sees it after these checks. `fall` is 1 because no further
/// check follows.
std::vector<endpoint_health> health_of(const std::vector<endpoint_check>& checks, endpoint_health::time_point now) {
  health_group group({.fall = 1}, random_engine(0));
  std::vector<endpoint_health> all;
  for (auto first = checks.begin(); first != checks.end();) {
    const auto last = std::find_if(first, checks.end(), [&](const auto& c) { return c.number != first->number; });
    const std::uint32_t id = group.add(now);
    // One good address is enough for a connect.
    const bool is_good = std::any_of(first, last, [](const endpoint_check& c) { return !c.error; });
    if (!first->where.unresolved) group.report_probe(id, is_good, now);
    first = last;
  }
  for (std::uint32_t id = 0; !checks.empty() && id <= checks.back().number; ++id) all.push_back(group.of(id));
  return all;
}

/// Prints every attempt, and which endpoint would be chosen now.
void explain_checks(command_context& with, const options& opts, const service& found, const checker& all) {
  explanation story = explanation::of(opts, {}, found);
  story.attempts = all.attempts();
  story.now = std::chrono::steady_clock::now();
  const std::vector<endpoint_health> health = health_of(all.checks(), story.now);
  story.health = health;
  const selection_trace decision = trace_selection(found.endpoints, opts.policy, with.random(),
                                                   {.health = health, .key = next_key(opts, with.random())});
  story.decision = &decision;
  explain(opts, story);
}

struct outcome {
  std::vector<endpoint_check> checks;
  bool is_complete = false;  // service::complete
  int signal = 0;
};

outcome check_all(const options& opts) {
  command_context with(opts);
  const service found = with.resolve_or_fail(command_context::explaining::told_later);
  checker all(opts, with.io().get_executor(), found);
  outcome out;
  out.is_complete = found.complete;
  out.signal = run_to_end(with, all, opts.check == probe_kind::exec);
  if (opts.explain && out.signal == 0) explain_checks(with, opts, found, all);
  out.checks = all.checks();
  return out;
}

}  // namespace

exit_code run_check(const options& opts) {
  // A check command may use another protocol than TCP.
  if (opts.check != probe_kind::exec) require_tcp_service(opts);
  if (!opts.ca_file.empty() && (opts.tls || opts.check == probe_kind::tls)) require_ca_file(opts.ca_file);
  const outcome found = check_all(opts);
  if (found.signal != 0) {
    // Everything is cleaned up; raises the signal again with its default action.
    std::signal(found.signal, SIG_DFL);
    std::raise(found.signal);
  }
  require_command(opts, found.checks);
  const std::optional<failure> why = failure_of(opts, found.checks);
  print(checks_listing(opts.format, opts.check, opts.query->qname, found.checks,
                       appearance_of(opts.color, STDOUT_FILENO), opts.all_addresses, why ? &*why : nullptr,
                       found.is_complete));
  if (why) throw told_failure(*why);
  return exit_code::done;
}

}  // namespace sdconnect::cli
