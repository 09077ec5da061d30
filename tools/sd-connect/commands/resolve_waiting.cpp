// `resolve --wait` and `resolve --wait-gone`:
//
//  1. Asks DNS anew each time, without a cache of its own: at once, then after 0.5, 1, 2, 4 and
//     every 5 s. How fast a change is seen depends on the TTLs that the name servers keep.
//  2. --wait ends when `resolve` would succeed: there is a usable endpoint with an address.
//     --wait-gone ends when DNS has answered in full and the endpoint is not in the answer; a name
//     that does not exist counts as such an answer.
//  3. DNS without an answer, also without a network, means that nothing is known: it asks again. An
//     error that asking cannot change ends the command at once.
//  4. When --timeout is over: 69 if DNS said the opposite, or the exit code of `resolve` if DNS gave
//     no answer (75).
#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/resolve.hpp"
#include "sd-connect/explain/explain.hpp"
#include "sd-connect/explain/failures.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr clock::duration first_pause = 500ms;
constexpr clock::duration longest_pause = 5s;
// A silent name server must not take all the time: another one may have come up.
constexpr std::chrono::milliseconds longest_question = 5s;
constexpr clock::duration last_question = 500ms;  // kept free before the deadline

/// Whether everything that could name the endpoint has been answered.
bool is_complete(const options& opts, const command_context::resolved& out) {
  const bool is_by_address = opts.gone && std::holds_alternative<ip_address>(opts.gone->host);
  return is_by_address ? out.found.complete : out.found.has_all_endpoints;
}

bool has_come_true(const options& opts, const command_context::resolved& out) {
  if (opts.wait == waiting::seen) return !out.error;
  return is_complete(opts, out) &&
         std::ranges::none_of(out.found.endpoints, [&](const endpoint& e) { return opts.gone->is_of(e); });
}

/// Rule 3.
bool can_change(error_code ec) {
  if (is_an_answer(ec)) return true;
  return ec != condition::refused_by_policy && ec != condition::bad_input;
}

failure time_is_over(const options& opts, const command_context::resolved& out) {
  const bool is_answered = opts.wait == waiting::seen ? is_an_answer(out.error) : is_complete(opts, out);
  if (!is_answered && out.error) return resolve_failure(opts, out.error, out.found);
  const std::string where = opts.query->qname.to_text();
  constexpr std::string_view hint = "raise --timeout, or wait without a limit with --timeout forever";
  if (!is_answered) return fail(exit_code::try_again, "DNS did not answer in full within the time limit", where, hint);
  if (opts.wait == waiting::gone)
    return fail(exit_code::unavailable, "the endpoint is still there at the end of the time limit", where, hint);
  return fail(exit_code::unavailable, "no endpoint seen within the time limit (" + out.error.message() + ")", where,
              hint);
}

void tell(const options& opts, const command_context::resolved& out) {
  if (opts.explain) return explain(opts, explanation::of(opts, out.error, out.found));
  for (const std::string& warning : out.found.warnings) warn(opts, warning);
}

command_context::resolved ask(const options& opts, clock::duration time) {
  options once = opts;
  once.quiet = true;
  once.explain = false;
  once.query->timeout = std::clamp<std::chrono::milliseconds>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time), 1ms, longest_question);
  command_context with(once);
  return with.resolve();
}

}  // namespace

exit_code wait_in_dns(const options& opts) {
  const auto deadline = opts.waits_forever ? clock::time_point::max() : clock::now() + opts.timeout;
  for (clock::duration pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    const command_context::resolved out = ask(opts, deadline - clock::now());
    if (has_come_true(opts, out)) {
      tell(opts, out);
      print(service_listing(opts, out.found, appearance_of(opts.color, STDOUT_FILENO)));
      return exit_code::done;
    }
    if (!can_change(out.error)) throw resolve_failure(opts, out.error, out.found);
    const clock::duration left = deadline - clock::now();
    if (left <= last_question) {
      std::this_thread::sleep_for(left);
      throw time_is_over(opts, out);
    }
    std::this_thread::sleep_for(std::min(pause, left - last_question));
  }
}

}  // namespace sdconnect::cli
