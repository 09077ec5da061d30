#include "sd-connect/demo/demo_report.hpp"

#include "net/base/printable.hpp"
#include "program/output.hpp"
#include "program/wrap.hpp"
#include "sd-connect/commands/pick.hpp"
#include "text/names.hpp"

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace sdconnect::cli {

namespace {

constexpr std::string_view margin = "  ";
constexpr std::size_t text_width = page_width - 2 * margin.size();

double milliseconds_of(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000; }

/// Calls `use` with each line, without its newline.
template <class Use>
void for_each_line(std::string_view text, Use use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    use(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

demo_report::agreement compare(const pick_tally& tally) {
  // A correct implementation falls below this once in a million runs; a wrong share gives a far
  // smaller p.
  constexpr double least_credible_p = 1e-6;
  if (tally.chi_square_p)
    return {*tally.chi_square_p > least_credible_p, fmt::format("chi-square p = {:.3f}", *tally.chi_square_p)};
  bool is_near = true;
  for (std::size_t i = 0; i < tally.counts.size(); ++i) {
    const double off = static_cast<double>(tally.counts[i]) / static_cast<double>(tally.picks) - tally.shares[i];
    is_near = is_near && std::abs(off) < 0.01;
  }
  return {is_near, is_near ? "to less than 1 %" : "off by 1 % and more"};
}

}  // namespace

void demo_report::styled(std::string_view style, std::string_view text) {
  print(look_.is_colored ? fmt::format("\x1b[{}m{}\x1b[0m", style, text) : std::string(text));
}

void demo_report::title(std::string_view text) {
  styled("1", text);
  print("\n");
  has_gap_ = false;
  gap();
}

void demo_report::heading(std::string_view text) {
  gap();
  title(text);
  flush_output();
}

void demo_report::line(std::string_view text) {
  print(fmt::format("{}{}\n", margin, text));
  has_gap_ = false;
}

void demo_report::gap() {
  if (!has_gap_) print("\n");
  has_gap_ = true;
}

void demo_report::paragraph(std::string_view text) {
  for (const std::string_view part : wrapped(text, text_width)) line(part);
}

void demo_report::show(const table& rows) {
  for_each_line(rows.aligned(look_.is_colored, look_.width - std::min(look_.width, margin.size())),
                [this](std::string_view row) { line(row); });
}

void demo_report::page(std::string_view text) {
  for_each_line(text, [this](std::string_view row) { line(fmt::format("  | {}", detail::escaped(row))); });
}

void demo_report::command(std::string_view text) {
  print("  $ ");
  styled("1", text);
  print("\n");
  has_gap_ = false;
}

void demo_report::queries(std::span<const query_report> asked) {
  table rows({{"QUESTION", ""}, {"ANSWER", ""}, {"MS", "", true}});
  for (const query_report& report : asked) {
    const std::string answer =
        report.status ? report.status.message()
                      : fmt::format("{} record{}", report.record_count, report.record_count == 1 ? "" : "s");
    std::chrono::microseconds elapsed{};
    for (const query_attempt& attempt : report.attempts) elapsed += attempt.elapsed;
    rows.add({to_string(report.asked), answer, fmt::format("{:.2f}", milliseconds_of(elapsed))});
  }
  show(rows);
}

void demo_report::instances(const service& found) {
  for (const service_instance& instance : found.instances) {
    std::string text = display(instance.fullname);
    if (const std::string txt = display(instance.txt); !txt.empty()) text += "  TXT " + txt;
    if (instance.status) text += fmt::format("  ({})", instance.status.message());
    line(text);
  }
}

void demo_report::attempts(const connection& made) {
  for (const connect_attempt& attempt : made.attempts) {
    const bool was_late = attempt.result == boost::asio::error::operation_aborted;
    const std::string outcome = !attempt.result ? "connected"
                                : was_late      ? "given up, another was faster"
                                                : attempt.result.message();
    line(fmt::format("  at {:6.2f} ms  {}:{}, priority {}: {}", milliseconds_of(attempt.started),
                     display(attempt.target), attempt.port, attempt.priority, outcome));
  }
}

demo_report::agreement demo_report::picks(const service& found, const options& opts, std::uint64_t count,
                                          random_engine& random) {
  options counted = opts;
  counted.picks = count;
  const pick_tally tally = choose(counted, found.endpoints, random);
  if (!tally.first.chosen) return {.text = "nothing can be chosen"};
  table rows({{"ENDPOINT", ""},
              {"PRIORITY", "", true},
              {"WEIGHT", "", true},
              {"EXPECTED", "", true},
              {"ACTUAL", "", true},
              {"PICKS", "", true}});
  for (std::size_t i = 0; i < tally.endpoints.size(); ++i) {
    const endpoint& e = tally.endpoints[i];
    rows.add({display(e), std::to_string(e.priority), std::to_string(e.weight), percentage(tally.shares[i]),
              percentage(static_cast<double>(tally.counts[i]) / static_cast<double>(count)),
              std::to_string(tally.counts[i])});
  }
  show(rows);
  return compare(tally);
}

void demo_report::check(bool holds, std::string_view what) {
  ++checks_;
  if (!holds) ++failed_;
  print("  ");
  styled(holds ? "32" : "1;31", holds ? "ok    " : "FAILED");
  print(fmt::format("  {}\n", what));
  has_gap_ = false;
  flush_output();
}

}  // namespace sdconnect::cli
