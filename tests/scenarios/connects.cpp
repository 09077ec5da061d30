#include "scenarios/connects.hpp"

#include "scenarios/query_line.hpp"
#include "scenarios/values.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace sdconnect::scenario {
namespace {

class series final : public connects {
 public:
  series(world& in, connector_shell& with, const script_line& line)
      : world_(in), shell_(with), label_(label_of(line)), query_(query_from(line)), is_single_(!line.find("every")) {
    if (is_single_ != !line.find("until")) line.fail("every= and until= belong together");
    every_ = line.duration("every", {});
    until_ = line.duration("until", {});
    if (!is_single_ && every_.count() <= 0) line.fail("every= is a time");
  }

  void start() override {
    begin_one();
    plan_next();
  }
  void cancel() override {
    is_cancelled_ = true;
    for (const auto& one : std::vector(under_way_)) {
      if (one) one->cancel();
    }
  }
  [[nodiscard]] std::optional<outcome> now() const override { return std::nullopt; }
  [[nodiscard]] bool is_busy() const override { return pending_ > 0; }
  [[nodiscard]] const std::vector<std::optional<connect_result>>& results() const override { return results_; }

 private:
  void begin_one() {
    const std::size_t number = results_.size();
    results_.emplace_back();
    under_way_.push_back(std::make_shared<one_connect>(
        shell_, query_, [this, number](connect_result result) { on_end(number, std::move(result)); }));
    ++pending_;
    const auto made = under_way_.back();
    made->start();
  }

  // Connects start at multiples of the interval, whatever happens in between.
  void plan_next() {
    const world::duration next = world_.now() + every_;
    if (is_single_ || is_cancelled_ || next >= until_) return;
    world_.at(next, [this] {
      if (is_cancelled_) return;
      begin_one();
      plan_next();
    });
  }

  void on_end(std::size_t number, connect_result result) {
    const std::string which = is_single_ ? label_ : fmt::format("{} {}", label_, number + 1);
    std::string where;
    if (result.seen.winner) where = ", " + text_of(result.seen.address, result.seen.where.port);
    world_.note(fmt::format("{}: {}{}", which, text_of(result.seen.status), where));
    results_[number] = std::move(result);
    under_way_[number].reset();
    --pending_;
  }

  world& world_;
  connector_shell& shell_;
  std::string label_;
  service_query query_;
  bool is_single_;
  world::duration every_{}, until_{};
  std::vector<std::shared_ptr<one_connect>> under_way_;  // same indexes as results_; null when the connect has ended
  std::vector<std::optional<connect_result>> results_;
  std::size_t pending_ = 0;
  bool is_cancelled_ = false;
};

std::string restraint_text(const connect_restraint& r) {
  std::string out;
  if (r.retry_budget) out += " retry-budget";
  if (r.rate) out += " rate";
  if (r.at_limit > 0) out += fmt::format(" at-limit={}", r.at_limit);
  if (r.untried > 0) out += fmt::format(" untried={}", r.untried);
  return out.empty() ? "restraint none" : "restraint" + out;
}

std::string attempt_text(const connect_result& of, const connect_attempt& a) {
  const world::duration at = of.first_attempt.value_or(of.ended) - of.began + a.started;
  return fmt::format("attempt {} {} {}", text_of(at), text_of(a.address, a.port), text_of(a.result));
}

bool is_attempt(const script_line& line, const connect_result& of, const connect_attempt& a) {
  line.only({});
  const world::duration at = of.first_attempt.value_or(of.ended) - of.began + a.started;
  return time_range_from(line, line.word(1)).has(at) &&
         socket_address_from(line, line.word(2)) == text_of(a.address, a.port) &&
         error_from(line, line.word(3)) == a.result;
}

// Returns what differs from the line, or nullopt if the line holds.
std::optional<std::string> other_than(const script_line& line, const connect_result& is) {
  const auto unless = [](bool holds, const std::string& seen) { return holds ? std::nullopt : std::optional(seen); };
  const std::string& what = line.word(0);
  if (what == "restraint") {
    const std::string seen = restraint_text(is.seen.restraint);
    return unless(line.text == seen, seen);
  }
  line.only({});
  line.only_words(2, {});
  if (what == "status") return unless(error_from(line, line.word(1)) == is.seen.status, text_of(is.seen.status));
  if (what == "at") {
    const auto took = is.ended - is.began;
    return unless(time_range_from(line, line.word(1)).has(took), text_of(took));
  }
  if (what == "waited") {
    if (!is.first_attempt) return "no attempt";
    const auto waited = *is.first_attempt - is.began;
    return unless(time_range_from(line, line.word(1)).has(waited), text_of(waited));
  }
  if (what == "attempts") {
    const auto count = static_cast<std::int64_t>(is.seen.attempts.size());
    return unless(range_from(line, line.word(1)).has(count), std::to_string(count));
  }
  if (what == "connected") {
    const std::string seen = is.seen.winner ? text_of(is.seen.address, is.seen.where.port) : "nothing";
    return unless(socket_address_from(line, line.word(1)) == seen, seen);
  }
  line.fail("nothing that a connect has: " + what);
}

// Checks all attempts, in their order.
void check_attempts(const std::vector<const script_line*>& lines, const connect_result& is, const complain& failed) {
  if (lines.empty()) return;
  const std::vector<connect_attempt>& seen = is.seen.attempts;
  for (std::size_t i = 0; i < std::max(lines.size(), seen.size()); ++i) {
    const script_line& line = *lines[std::min(i, lines.size() - 1)];
    if (i >= seen.size()) {
      failed(line, "no further attempt");
    } else if (i >= lines.size()) {
      failed(line, "one attempt more: " + attempt_text(is, seen[i]));
    } else if (!is_attempt(line, is, seen[i])) {
      failed(line, attempt_text(is, seen[i]));
    }
  }
}

}  // namespace

std::shared_ptr<connects> make_connects(world& in, connector_shell& with, const script_line& line) {
  return std::make_shared<series>(in, with, line);
}

void check_connects(const script_line& expectation, const connects& of, const complain& failed) {
  expectation.only({"nth", "from", "to"});
  expectation.only_words(2, {});
  const auto nth = expectation.find("nth");
  const auto numbers = nth ? ordinals_from(expectation, *nth) : range<std::int64_t>{1, INT64_MAX};
  const auto from = expectation.duration("from", {}), to = expectation.duration("to", world::duration::max());
  std::vector<std::pair<std::size_t, const connect_result*>> chosen;
  for (std::size_t i = 0; i < of.results().size(); ++i) {
    const auto number = static_cast<std::int64_t>(i + 1);
    if (!numbers.has(number)) continue;
    const std::optional<connect_result>& result = of.results()[i];
    if (!result) return failed(expectation, fmt::format("number {} has not ended", number));
    if (result->began >= from && result->began < to) chosen.emplace_back(number, &*result);
  }
  if (chosen.empty()) return failed(expectation, "there is none");

  std::vector<const script_line*> attempts;
  for (const script_line& line : expectation.below) {
    if (line.word(0) == "attempt") {
      attempts.push_back(&line);
      continue;
    }
    if (line.word(0) == "connects") {
      line.only({});
      const auto count = static_cast<std::int64_t>(chosen.size());
      if (!range_from(line, line.word(1)).has(count)) failed(line, std::to_string(count));
      continue;
    }
    for (const auto& [number, result] : chosen) {
      const std::optional<std::string> seen = other_than(line, *result);
      if (!seen) continue;
      failed(line, chosen.size() == 1
                       ? *seen
                       : fmt::format("{} (number {}, begun at {})", *seen, number, text_of(result->began)));
      break;
    }
  }
  if (attempts.empty()) return;
  if (chosen.size() != 1) attempts.front()->fail("attempts are those of one connect: nth=");
  check_attempts(attempts, *chosen.front().second, failed);
}

}  // namespace sdconnect::scenario
