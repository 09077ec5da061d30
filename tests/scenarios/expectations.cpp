#include "scenarios/connects.hpp"
#include "scenarios/event_text.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/values.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace sdconnect::scenario {
namespace {

// "added h:80", as event_text writes it.
std::string place_text(const script_line& line, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) line.fail("no target:port: " + text);
  return text_of(name_from(line, text.substr(0, colon))) + text.substr(colon);
}

struct wanted_event {
  range<world::duration> at;
  std::multiset<std::string> words;
  bool is_any_reason = false;
};

std::multiset<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::multiset<std::string> out;
  for (std::string word; in >> word;) out.insert(word);
  return out;
}

// `event TIME KIND [WHERE] [WHAT CHANGED ...]`
wanted_event wanted_from(const script_line& line) {
  std::istringstream in(line.text);
  std::string word, time, kind;
  in >> word >> time >> kind;
  if (word != "event") line.fail("an event is needed");
  wanted_event out{time_range_from(line, time), {kind}};
  const bool is_about_knowledge = kind == "unknown" || kind == "stale" || kind == "recovered";
  const bool is_about_endpoint = kind == "added" || kind == "removed" || kind == "changed";
  if (!is_about_knowledge && !is_about_endpoint && kind != "txt") line.fail("no event: " + kind);
  std::string where;
  if (is_about_endpoint && in >> where) out.words.insert(place_text(line, where));
  if (kind == "txt" && in >> where) out.words.insert(text_of(name_from(line, where)));
  while (in >> word) out.words.insert(word);
  out.is_any_reason = is_about_knowledge && out.words.size() == 1;
  return out;
}

bool fits(const wanted_event& wanted, const told_event& told) {
  if (!wanted.at.has(told.at)) return false;
  std::multiset<std::string> words = words_of(event_text(told.what));
  if (wanted.is_any_reason && words.size() == 2) words.erase(text_of(told.what.reason));
  return words == wanted.words;
}

}  // namespace

std::vector<scenario::failure> scenario::failures() {
  std::vector<failure> out;
  const complain failed = [&out](const script_line& line, const std::string& seen) {
    out.push_back({line.number, line.text, seen});
  };
  for (const script_line* const expectation : expectations_) check(*expectation, failed);
  for (const script_line& rule : servers_.idle_rules()) failed(rule, "nothing ever fitted this rule");
  for (const script_line& line : backends_.idle()) failed(line, "nobody ever connected there");
  return out;
}

void scenario::check(const script_line& expectation, const complain& failed) {
  const std::string& what = expectation.word(1);
  if (what == "queries") return check_queries(expectation, failed);
  if (what == "cache") return check_cache(expectation, failed);
  const dns_client_statistics counts = client_->engine().statistics();
  if (what == "discarded") return check_number(expectation, counts.discarded, failed);
  if (what == "sockets-open") return check_number(expectation, counts.sockets_open, failed);
  if (what == "sockets-opened") return check_number(expectation, counts.sockets_opened, failed);
  if (what == "streams") return check_number(expectation, network_.streams_opened(), failed);
  if (what == "streams-open") return check_number(expectation, network_.streams_open(), failed);

  const bool is_view = what == "view";
  const std::string& label = expectation.word(is_view ? 2 : 1);
  const user& of = user_of(expectation, label);
  if (expectation.below.empty()) expectation.fail("nothing is expected of " + label);
  if (const auto* const connecting = dynamic_cast<const connects*>(&of); connecting != nullptr && !is_view) {
    return check_connects(expectation, *connecting, failed);
  }
  if (!is_view) expectation.only({});
  if (const auto* const watching = dynamic_cast<const watcher*>(&of); watching != nullptr && !is_view) {
    return check_events(expectation, *watching, failed);
  }
  const auto earlier = views_.find(expectation.number);
  const std::optional<outcome> seen = earlier != views_.end() ? std::optional(earlier->second) : of.now();
  if (!seen) return failed(expectation, label + " never ended");
  check_outcome(
      expectation, *seen, [this](std::string_view l) { return number_by_label(l); }, failed);
}

void scenario::check_events(const script_line& expectation, const watcher& of, const complain& failed) {
  const std::vector<told_event>& told = of.told();
  std::size_t next = 0;
  for (const script_line& line : expectation.below) {
    if (line.word(0) == "no-events") continue;
    const wanted_event wanted = wanted_from(line);
    if (next >= told.size()) {
      failed(line, "no further event");
    } else {
      if (!fits(wanted, told[next])) {
        failed(line, fmt::format("event {} {}", text_of(told[next].at), event_text(told[next].what)));
      }
      ++next;
    }
  }
  for (; next < told.size(); ++next) {
    failed(expectation, fmt::format("one more: event {} {}", text_of(told[next].at), event_text(told[next].what)));
  }
}

void scenario::check_number(const script_line& expectation, std::uint64_t seen, const complain& failed) const {
  expectation.only({});
  expectation.only_words(3, {});
  if (!range_from(expectation, expectation.word(2)).has(static_cast<std::int64_t>(seen))) {
    failed(expectation, std::to_string(seen));
  }
}

void scenario::check_queries(const script_line& expectation, const complain& failed) const {
  expectation.only({"server", "type", "name", "from", "to"});
  const query_filter filter(expectation, 3);
  const auto count = std::ranges::count_if(servers_.sent(), [&](const sent_query& q) { return filter.fits(q); });
  if (!range_from(expectation, expectation.word(2)).has(count)) failed(expectation, std::to_string(count));
}

// `expect cache hits=3 misses=1`
void scenario::check_cache(const script_line& expectation, const complain& failed) {
  expectation.only({"hits", "stale-hits", "misses", "coalesced", "queries", "failures"});
  expectation.only_words(2, {});
  const resolver_statistics& s = client_->router().statistics();
  for (const auto& [key, count] :
       {std::pair{"hits", s.hits}, std::pair{"stale-hits", s.stale_hits}, std::pair{"misses", s.misses},
        std::pair{"coalesced", s.coalesced}, std::pair{"queries", s.queries}, std::pair{"failures", s.failures}}) {
    const auto wanted = expectation.find(key);
    if (wanted && !range_from(expectation, *wanted).has(static_cast<std::int64_t>(count))) {
      failed(expectation, fmt::format("{}={}", key, count));
    }
  }
}

std::string scenario::number_by_label(std::string_view label) const {
  for (std::size_t number = 1; number <= server_count_; ++number) {
    if (servers_.label(number) == label) return std::to_string(number);
  }
  return label.empty() ? "nobody" : std::string(label);
}

}  // namespace sdconnect::scenario
