/// \file
/// `sd-connect check`: every endpoint is tried once.

#include "check.hpp"

#include "commands.hpp"
#include "explain.hpp"
#include "json_output.hpp"
#include "names.hpp"
#include "output.hpp"
#include "report.hpp"
#include "session.hpp"
#include "stream_service.hpp"
#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

// Enough to be quick with a large service, few enough for 256 descriptors and for the service's own listen queue.
constexpr std::size_t at_once = 64;

/// Tries endpoints side by side, in their order. Everything happens on the one thread that runs the session's loop.
class checker {
 public:
  checker(const options& opts, boost::asio::any_io_executor executor, const service& found)
      : executor_(std::move(executor)),
        timeout_(opts.timeout),
        connecting_{.policy = opts.policy,
                    .attempt_timeout = opts.connect_timeout,
                    .use_ipv4 = opts.query->want_ipv4,
                    .use_ipv6 = opts.query->want_ipv6} {
    for (const endpoint& e : found.endpoints) checks_.push_back({.where = e, .error = e.unresolved});
  }

  void start() {
    while (under_way_ < at_once && start_next()) {
    }
  }

  [[nodiscard]] std::vector<endpoint_check>& checks() noexcept { return checks_; }
  [[nodiscard]] const std::vector<connect_attempt>& attempts() const noexcept { return attempts_; }

 private:
  bool start_next() {
    while (next_ < checks_.size() && checks_[next_].error) ++next_;
    if (next_ == checks_.size()) return false;
    const std::size_t index = next_++;
    ++under_way_;
    const auto started = std::chrono::steady_clock::now();
    // The deadline is each endpoint's own: the last of ten thousand has the same chance as the first.
    async_connect_in_order(executor_, {checks_[index].where}, connecting_, started + timeout_,
                           [this, index, started](error_code ec, const connection& made) {
                             finish(checks_[index], started, ec, made);
                             --under_way_;
                             start();
                           });
    return true;
  }

  void finish(endpoint_check& check, std::chrono::steady_clock::time_point started, error_code ec,
              const connection& made) {
    check.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
    check.error = ec;
    if (!made.attempts.empty()) {
      check.address = ec ? made.attempts.back().address : made.address;
      // "Connection refused" tells more than "no endpoint reachable" of a single one.
      if (ec == errc::unreachable) check.error = made.attempts.back().result;
    }
    attempts_.insert(attempts_.end(), made.attempts.begin(), made.attempts.end());
  }

  boost::asio::any_io_executor executor_;
  std::chrono::milliseconds timeout_;
  connect_options connecting_;
  std::vector<endpoint_check> checks_;
  std::vector<connect_attempt> attempts_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
};

/// What failed here at home, such as a lack of descriptors, says nothing about the service.
void throw_own_failure(const options& opts, const std::vector<endpoint_check>& checks) {
  for (const endpoint_check& check : checks) {
    if (check.error && exit_code_of(check.error) == exit_code::os_refused)
      throw fail(exit_code::os_refused, check.error.message(),
                 opts.query->qname.to_text() + " at " + display(check.where));
  }
}

}  // namespace

std::string checks_listing(output_format format, const name& query, std::span<const endpoint_check> checks,
                           bool colored) {
  if (format == output_format::json) return check_json(query, checks);
  std::string lines;
  table rows({{.title = "TARGET", .field = "target"},
              {.title = "PORT", .field = "port", .right_aligned = true},
              {.title = "ADDRESS", .field = "address"},
              {.title = "OK", .field = "ok"},
              {.title = "MS", .field = "connect_ms", .right_aligned = true},
              {.title = "ERROR", .field = "error"}});
  for (const endpoint_check& c : checks) {
    const std::string ok = format == output_format::csv ? (c.error ? "false" : "true") : (c.error ? "no" : "yes");
    lines += fmt::format("{} {}\n", c.error ? "down" : "up", display(c.where));
    rows.add({display(c.where.target), std::to_string(c.where.port), c.address ? c.address->to_text() : "", ok,
              fmt::format("{:.1f}", static_cast<double>(c.elapsed.count()) / 1000), c.error ? c.error.message() : ""},
             c.error ? table::emphasis::bad : table::emphasis::good);
  }
  if (format == output_format::brief) return lines;
  return format == output_format::csv ? rows.csv() : rows.aligned(colored);
}

exit_code run_check(const options& opts) {
  require_tcp_service(opts);
  session with(opts);
  const service found = with.resolve_or_fail(session::explaining::told_later);
  checker all(opts, with.io().get_executor(), found);
  all.start();
  with.run();

  const std::vector<endpoint_check>& checks = all.checks();
  if (opts.explain) {
    explanation story = explanation::of(opts, {}, found);
    story.attempts = all.attempts();
    explain(opts, story);
  }
  throw_own_failure(opts, checks);
  print(checks_listing(opts.format, opts.query->qname, checks, is_colored(opts, STDOUT_FILENO)));
  const auto down = std::ranges::count_if(checks, [](const endpoint_check& c) { return bool(c.error); });
  if (down == 0) return exit_code::done;
  throw fail(exit_code::unavailable, fmt::format("{} of {} endpoints down", down, checks.size()),
             opts.query->qname.to_text());
}

}  // namespace sdconnect::cli
