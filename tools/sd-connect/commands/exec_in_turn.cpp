// Rules of --next-on-failure:
//
//  1. The endpoints stand in the order drawn. Each runs the command once at most; those that did
//     not accept a connection come last.
//  2. A run fails if its exit code is not 0, also after a signal. A command that cannot be run fails
//     for every endpoint, so it ends everything.
//  3. Ctrl-C, SIGTERM and SIGHUP are the user's wish to stop: no further run.
//  4. The command has the standard streams, so a further run reads what its predecessor left of the
//     input, and its output follows that of its predecessor.
#include "sd-connect/commands/exec_in_turn.hpp"

#include "program/foreground.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/choice.hpp"
#include "sd-connect/commands/stream_service.hpp"
#include "sdconnect/connect/connector.hpp"
#include "text/names.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace sdconnect::cli {
namespace {

bool is_same(const endpoint& a, const endpoint& b) { return endpoint_key(a) == endpoint_key(b); }

/// Connects to the first of `left` that accepts. Rule 1: the order of `left` changes. Every
/// descriptor is closed when this returns, so that the command does not inherit one.
std::optional<exec_target> first_accepting(const options& opts, std::vector<endpoint>& left) {
  boost::asio::io_context io;
  error_code failed;
  connection made;
  const connect_options connecting{
      .attempt_timeout = opts.connect_timeout, .use_ipv4 = opts.query->want_ipv4, .use_ipv6 = opts.query->want_ipv6};
  async_connect_in_order(io.get_executor(), left, connecting, std::chrono::steady_clock::now() + opts.timeout,
                         [&](error_code ec, connection c) {
                           failed = ec;
                           made = std::move(c);
                           io.stop();
                         });
  io.run();
  if (failed) return std::nullopt;
  const auto has_failed = [&made](const endpoint& e) {
    return std::ranges::any_of(made.attempts, [&e](const connect_attempt& a) {
      return a.target == e.target && a.port == e.port && a.result && a.result != boost::asio::error::operation_aborted;
    });
  };
  std::stable_partition(left.begin(), left.end(), [&](const endpoint& e) { return !has_failed(e); });
  exec_target next;
  next.where = std::move(made.where);
  next.address = made.address;
  return next;
}

std::optional<exec_target> next_target(const options& opts, const exec_target& last, std::vector<endpoint>& left) {
  if (left.empty()) return std::nullopt;
  std::optional<exec_target> next = is_udp_service(opts) ? first_with_address(opts, left) : first_accepting(opts, left);
  if (!next) return std::nullopt;
  next->found = last.found;
  next->order = last.order;
  std::erase_if(left, [&next](const endpoint& e) { return is_same(e, next->where); });
  return next;
}

}  // namespace

std::optional<exec_target> first_with_address(const options& opts, std::span<const endpoint> order) {
  for (const endpoint& candidate : order) {
    const std::optional<ip_address> address = first_address(opts, candidate);
    if (!address) continue;
    exec_target target;
    target.where = candidate;
    target.address = *address;
    return target;
  }
  return std::nullopt;
}

exit_code run_in_turn(const options& opts, exec_target target) {
  std::vector<endpoint> left = target.order;
  std::erase_if(left, [&target](const endpoint& e) { return is_same(e, target.where); });
  for (unsigned runs = 1;; ++runs) {
    const result<foreground_end> end = run_in_foreground(prepare_command(opts, target));
    if (!end) refuse_command(opts.command_line.front(), end.error());
    const auto code = static_cast<exit_code>(end->exit_code);
    if (code == exit_code::done || end->was_interrupted) return code;
    const std::string failed = fmt::format("{} (exit code {})", display(target.where), end->exit_code);
    std::optional<exec_target> next = next_target(opts, target, left);
    if (!next) {
      const std::string what = runs == 1 ? "the command failed, and no other endpoint can be used"
                                         : fmt::format("the command failed with {} endpoints", runs);
      throw fail(code, what, opts.query->qname.to_text(), "last with " + failed);
    }
    if (!opts.quiet)
      print_failure(fmt::format("note: the command failed with {}, next is {}", failed, display(next->where)));
    target = *std::move(next);
  }
}

}  // namespace sdconnect::cli
