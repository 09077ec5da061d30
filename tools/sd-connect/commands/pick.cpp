/// \file
/// `sd-connect pick`: choose endpoints without connecting.

#include "sd-connect/commands/pick.hpp"

#include "program/output.hpp"
#include "program/report.hpp"
#include "sd-connect/commands/choice.hpp"
#include "sd-connect/commands/command_context.hpp"
#include "sd-connect/commands/commands.hpp"
#include "sd-connect/commands/json_output.hpp"
#include "sd-connect/explain/explain.hpp"
#include "sd-connect/explain/failures.hpp"
#include "sdconnect/balancer/balancer.hpp"
#include "sdconnect/balancer/goodness_of_fit.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "text/names.hpp"
#include "text/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace sdconnect::cli {
namespace {

const endpoint& only_choice(const pick_tally& tally) {
  const auto chosen = std::ranges::find(tally.counts, 1u);
  return tally.endpoints[static_cast<std::size_t>(chosen - tally.counts.begin())];
}

std::string summary(const pick_tally& tally) {
  std::string text = fmt::format("{} picks, policy {}", tally.picks, to_string(tally.policy));
  if (tally.chi_square_p) text += fmt::format(", chi-square p = {:.4f}", *tally.chi_square_p);
  if (tally.policy == selection_policy::least_loaded) text += ", all kept in flight";
  if (tally.policy == selection_policy::hash && !tally.chi_square_p) text += ", all of one key";
  return text + '\n';
}

std::string counted_table(output_format format, const pick_tally& tally, const appearance& look) {
  const bool for_people = format == output_format::table;
  table rows({{.title = "TARGET", .field = "target"},
              {.title = "PORT", .field = "port", .right_aligned = true},
              {.title = "COUNT", .field = "count", .right_aligned = true},
              {.title = "EXPECTED", .field = "expected", .right_aligned = true},
              {.title = "SHARE", .field = "share", .right_aligned = true}});
  for (std::size_t i = 0; i < tally.endpoints.size(); ++i) {
    const double expected = tally.shares[i] * static_cast<double>(tally.picks);
    rows.add({display(tally.endpoints[i].target), std::to_string(tally.endpoints[i].port),
              std::to_string(tally.counts[i]), for_people ? fmt::format("{:.1f}", expected) : fraction(expected),
              for_people ? percentage(tally.shares[i]) : fraction(tally.shares[i])},
             tally.shares[i] > 0 ? table::emphasis::none : table::emphasis::faint);
  }
  if (!for_people) return rows.csv();
  return rows.aligned(look.is_colored, look.width) + '\n' + summary(tally);
}

/// Makes all picks with one balancer, as programs do. The first pick is made like that of a
/// connect.
class repeated_choice {
 public:
  using clock = std::chrono::steady_clock;

  repeated_choice(const options& opts, pick_tally& tally, random_engine& random)
      : opts_(opts), tally_(tally), random_(random), chooser_(balancing(opts), now_) {
    chooser_.update(tally.endpoints, now_);
    set_ = chooser_.endpoints();
    for (const balanced_endpoint& e : *set_) {
      const auto listed = std::ranges::lower_bound(tally.endpoints, e.where, is_listed_before);
      counters_[&e.where] = &tally.counts[static_cast<std::size_t>(listed - tally.endpoints.begin())];
    }
  }

  void run() {
    const attempt_plan first = chooser_.explained_plan(now_, next_key(opts_, random_));
    if (first.order.empty()) return;
    tally_.first = *first.trace;
    count(first[0].where);
    const std::uint64_t left = tally_.picks - 1;
    if (opts_.policy == selection_policy::least_loaded) return keep(first, left);
    for (std::uint64_t i = 0; i < left; ++i) {
      const std::optional<std::uint64_t> key = next_key(opts_, random_);
      count((key ? chooser_.pick(*key) : chooser_.pick())->where);
    }
  }

 private:
  void count(const endpoint& chosen) { ++*counters_.at(&chosen); }

  /// Keeps all picks open as concurrent streams, including the first.
  void keep(const attempt_plan& first, std::uint64_t left) {
    std::vector<endpoint_use> streams;
    streams.reserve(left + 1);
    streams.push_back(chooser_.try_acquire(first, 0, now_).value());
    for (std::uint64_t i = 0; i < left; ++i) count(streams.emplace_back(chooser_.acquire(now_).value()).where());
  }

  const options& opts_;
  pick_tally& tally_;
  random_engine& random_;
  const clock::time_point now_ = clock::now();
  balancer chooser_;
  std::shared_ptr<const endpoint_set> set_;
  std::unordered_map<const endpoint*, std::uint64_t*> counters_;  // into tally_.counts, by endpoint of set_
};

}  // namespace

pick_tally choose(const options& opts, const std::vector<endpoint>& endpoints, random_engine& random) {
  pick_tally tally{.query = opts.query ? opts.query->qname : name(),
                   .picks = opts.picks,
                   .policy = opts.policy,
                   .endpoints = endpoints,
                   .counts = std::vector<std::uint64_t>(endpoints.size()),
                   .shares = first_choice_shares(endpoints, opts.policy)};
  repeated_choice(opts, tally, random).run();
  if (!tally.first.chosen) return tally;
  tally.first_address = first_address(opts, endpoints[*tally.first.chosen]);
  if (opts.hash_key) {
    tally.shares.assign(endpoints.size(), 0);
    tally.shares[*tally.first.chosen] = 1;
  }
  if (opts.policy != selection_policy::ordered && opts.policy != selection_policy::least_loaded && !opts.hash_key)
    tally.chi_square_p = chi_square_p(tally.counts, tally.shares);
  return tally;
}

std::string tally_listing(output_format format, const pick_tally& tally, const appearance& look) {
  if (format == output_format::json) return pick_json(tally);
  const bool is_one = tally.picks == 1;
  if (format == output_format::brief || (is_one && format == output_format::table)) {
    if (is_one) return display(only_choice(tally)) + '\n';
    std::string lines;
    for (std::size_t i = 0; i < tally.endpoints.size(); ++i)
      lines += fmt::format("{} {}\n", tally.counts[i], display(tally.endpoints[i]));
    return lines;
  }
  return counted_table(format, tally, look);
}

exit_code run_pick(const options& opts) {
  command_context with(opts);
  const service found = with.resolve_or_fail(command_context::explaining::told_later);
  pick_tally tally = choose(opts, found.endpoints, with.random());
  tally.is_complete = found.complete;
  if (opts.explain) {
    explanation story = explanation::of(opts, {}, found);
    story.decision = &tally.first;
    explain(opts, story);
  }
  // Resolving fails before this point if no endpoint has a usable port and address.
  if (!tally.first.chosen) throw resolve_failure(opts, errc::no_usable_endpoint, found);
  print(tally_listing(opts.format, tally, appearance_of(opts.color, STDOUT_FILENO)));
  return exit_code::done;
}

}  // namespace sdconnect::cli
