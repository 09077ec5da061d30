/// \file
/// `sd-connect pick`: choose endpoints without connecting.

#include "pick.hpp"

#include "commands.hpp"
#include "json_output.hpp"
#include "names.hpp"
#include "output.hpp"
#include "report.hpp"
#include "sdconnect/balancer/goodness_of_fit.hpp"
#include "sdconnect/balancer/picker.hpp"
#include "sdconnect/balancer/selection.hpp"
#include "session.hpp"
#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

namespace sdconnect::cli {
namespace {

const endpoint& only_choice(const pick_tally& tally) {
  const auto chosen = std::ranges::find(tally.counts, 1u);
  return tally.endpoints[static_cast<std::size_t>(chosen - tally.counts.begin())];
}

std::string counted_table(output_format format, const pick_tally& tally, bool colored) {
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
  return rows.aligned(colored) + fmt::format("\n{} picks, policy {}, chi-square p = {:.4f}\n", tally.picks,
                                             to_string(tally.policy), tally.chi_square_p);
}

}  // namespace

pick_tally choose(const std::vector<endpoint>& endpoints, selection_policy policy, std::uint64_t picks,
                  random_engine& random) {
  pick_tally tally{
      .picks = picks, .policy = policy, .endpoints = endpoints, .shares = first_choice_shares(endpoints, policy)};

  const picker chooser(endpoints, policy);
  tally.counts.resize(endpoints.size());
  for (std::uint64_t i = 0; i < picks; ++i) ++tally.counts[chooser.pick(random)];
  tally.chi_square_p = chi_square_p(tally.counts, tally.shares);
  return tally;
}

std::string tally_listing(output_format format, const pick_tally& tally, bool colored) {
  if (format == output_format::json) return pick_json(tally);
  const bool is_one = tally.picks == 1;
  if (format == output_format::brief || (is_one && format == output_format::table)) {
    if (is_one) return display(only_choice(tally)) + '\n';
    std::string lines;
    for (std::size_t i = 0; i < tally.endpoints.size(); ++i)
      lines += fmt::format("{} {}\n", tally.counts[i], display(tally.endpoints[i]));
    return lines;
  }
  return counted_table(format, tally, colored);
}

exit_code run_pick(const options& opts) {
  session with(opts);
  const service found = with.resolve_or_fail();
  // A set without a usable port or address does not come this far; the picker's promise rests on it.
  if (picker(found.endpoints, opts.policy).empty()) throw resolve_failure(opts, errc::no_usable_endpoint, found);
  print(tally_listing(opts.format, choose(found.endpoints, opts.policy, opts.picks, with.random()),
                      is_colored(opts, STDOUT_FILENO)));
  return exit_code::done;
}

}  // namespace sdconnect::cli
