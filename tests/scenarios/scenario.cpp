// Reads and plays the lines of a scenario. expectations.cpp compares the result with the
// expectations.
#include "scenarios/scenario.hpp"

#include "scenarios/connects.hpp"
#include "scenarios/values.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace sdconnect::scenario {
namespace {

// Limit of events at the same time: more means an endless loop.
constexpr int most_at_once = 100'000;

std::chrono::seconds seconds_of(const script_line& line, std::string_view key, std::chrono::seconds fallback) {
  return std::chrono::duration_cast<std::chrono::seconds>(line.duration(key, fallback));
}

}  // namespace

scenario::scenario(const std::string& text) : lines_(read_script(text)) {
  for (const script_line& line : lines_) read(line);
  if (expectations_.empty()) throw script_error(1, "nothing is expected");
  settings_.servers.sets = servers_.sets();
}

void scenario::read(const script_line& line) {
  if (line.words.empty()) line.fail("unknown line: " + line.text);
  const std::string& what = line.words[0];
  if (duration_from(what)) return plan(line);
  if (what == "zone") return servers_.set_zone(line);
  if (what == "on") return servers_.add_rule(line);
  if (what == "options") return read_options(line);
  if (what == "expect") {
    expectations_.push_back(&line);
    if (line.words.size() > 1 && line.words[1] == "view") plan_view(line);
    return;
  }
  if (!line.below.empty()) line.below.front().fail("nothing belongs below this line");
  if (what == "tags") return;
  if (what == "server") return servers_.set_properties(line);
  if (what == "backend") return backends_.set(line, 1);
  if (what == "connector") return read_connector(line);
  line.only({});
  line.only_words(2, {});
  if (what == "servers") {
    server_count_ = static_cast<std::size_t>(range_from(line, line.word(1)).low);
    return servers_.set_count(server_count_);
  }
  if (what == "seed") {
    settings_.seed = static_cast<std::uint64_t>(range_from(line, line.word(1)).low);
  } else if (what == "until") {
    until_ = time_from(line, line.word(1));
  } else {
    line.fail("unknown line: " + line.text);
  }
}

void scenario::read_options(const script_line& line) {
  line.only({"max-in-flight", "cache", "min-interval", "max-stale", "max-entries", "max-ttl", "max-negative-ttl",
             "first-timeout", "idle-timeout", "attempts"});
  line.only_words(1, {"0x20", "tcp", "rotate"});
  settings_.servers.use_0x20 = line.has_word("0x20");
  settings_.servers.tcp_only = line.has_word("tcp");
  settings_.servers.rotate = line.has_word("rotate");
  const auto in_milliseconds = [&](std::string_view key, std::chrono::milliseconds fallback) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(line.duration(key, fallback));
  };
  settings_.servers.first_timeout = in_milliseconds("first-timeout", settings_.servers.first_timeout);
  settings_.servers.attempts = static_cast<unsigned>(line.number_of("attempts", 2));
  settings_.stream_idle_timeout = in_milliseconds("idle-timeout", settings_.stream_idle_timeout);
  settings_.max_in_flight = static_cast<std::size_t>(line.number_of("max-in-flight", 256));
  min_interval_ = in_milliseconds("min-interval", min_interval_);
  cache_limits limits;
  limits.max_stale = seconds_of(line, "max-stale", limits.max_stale);
  limits.max_ttl = seconds_of(line, "max-ttl", limits.max_ttl);
  limits.max_negative_ttl = seconds_of(line, "max-negative-ttl", limits.max_negative_ttl);
  limits.max_entries =
      static_cast<std::size_t>(line.number_of("max-entries", static_cast<std::int64_t>(limits.max_entries)));
  settings_.options.cache = limits;
  if (const auto cache = line.find("cache")) {
    if (*cache != "off") line.fail("cache=off is all there is");
    settings_.options.cache.reset();
  }
}

void scenario::read_connector(const script_line& line) {
  line.only({"keep-fresh", "min-interval", "attempt-delay", "attempt-timeout", "retries"});
  line.only_words(1, {});
  const auto read = [&](std::string_view key, std::chrono::milliseconds& option) {
    option = std::chrono::duration_cast<std::chrono::milliseconds>(line.duration(key, option));
  };
  read("keep-fresh", connecting_.keep_fresh);
  read("min-interval", connecting_.min_interval);
  read("attempt-delay", connecting_.connecting.attempt_delay);
  read("attempt-timeout", connecting_.connecting.attempt_timeout);
  if (const auto retries = line.find("retries")) {
    const auto burst = static_cast<double>(*retries == "off" ? 0 : line.number_of("retries", 0));
    connecting_.retries = retry_budget_options{.share = 0, .floor_per_s = 0, .burst = burst};
    if (*retries == "off") connecting_.retries.reset();
  }
}

void scenario::plan(const script_line& line) {
  if (line.word(1) != "zone" && !line.below.empty()) line.below.front().fail("nothing belongs below this line");
  world_.at(time_from(line, line.words[0]), [this, &line] { act(line); });
}

void scenario::plan_view(const script_line& expectation) {
  expectation.only({"at"});
  const auto at = expectation.find("at");
  if (!at) return;
  world_.at(time_from(expectation, *at), [this, &expectation] {
    views_[expectation.number] = user_of(expectation, expectation.word(2)).now().value();
  });
}

void scenario::act(const script_line& line) {
  world_.note(line.text);
  const std::string& what = line.word(1);
  if (what == "resolve") return add_user(line, make_resolve(world_, *client_, line));
  if (what == "ask") return add_user(line, make_ask(world_, *client_, line));
  if (what == "watch") return add_user(line, make_watch(world_, *client_, line, min_interval_));
  if (what == "connect") return add_user(line, make_connects(world_, *connector_, line));
  if (what == "backend") return backends_.set(line, 2);
  line.only({});
  if (what == "zone") return servers_.set_zone(line);
  if (what == "server") return change_server(line);
  if (what == "replace-servers") return replace_servers(line);
  line.only_words(3, {});
  if (what == "cancel" || what == "close") return user_of(line, line.word(2)).cancel();
  if (what == "suspend") return world_.suspend(time_from(line, line.word(2)));
  if (what == "clear-cache") return client_->router().clear(world_.boot());
  line.fail("unknown action: " + what);
}

void scenario::change_server(const script_line& line) {
  line.only_words(3, {"up", "down", "silent", "close-streams"});
  const std::size_t number = servers_.number_from(line, line.word(2));
  const std::string& how = line.word(3);
  if (how == "up") servers_.set_state(number, name_servers::state::up);
  if (how == "silent") servers_.set_state(number, name_servers::state::silent);
  if (how == "down") {
    servers_.set_state(number, name_servers::state::down);
    network_.end_streams(number, make_error_code(boost::system::errc::connection_reset));
  }
  if (how == "close-streams") network_.end_streams(number, {});
}

void scenario::replace_servers(const script_line& line) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 2; i < line.words.size(); ++i) numbers.push_back(servers_.number_from(line, line.words[i]));
  if (numbers.empty()) line.fail("by which servers?");
  client_->change_servers(servers_.sets(numbers));
}

void scenario::add_user(const script_line& line, std::shared_ptr<user> made) {
  const auto label = line.find("as").value();
  if (!users_.emplace(label, made).second) line.fail("a second " + label);
  made->start();
}

user& scenario::user_of(const script_line& line, const std::string& label) const {
  const auto found = users_.find(label);
  if (found == users_.end()) line.fail("nobody asked as " + label);
  return *found->second;
}

void scenario::play() {
  client_.emplace(world_, network_, settings_);
  connector_.emplace(world_, *client_, backends_, connecting_, settings_.seed + 2);
  int at_once = 0;
  for (auto before = world_.now();;) {
    const auto next = next_event();
    if (!next || (!is_busy() && *next > until_.value_or(world::duration(0)))) break;
    world_.advance_to(*next);
    happen();
    at_once = world_.now() == before ? at_once + 1 : 0;
    if (at_once > most_at_once) throw std::runtime_error("time stands still");
    before = world_.now();
  }
  if (until_) world_.advance_to(*until_);
}

std::optional<world::duration> scenario::next_event() const {
  std::optional<world::duration> first = world_.next();
  const auto consider = [&first](std::optional<world::duration> when) {
    if (when) first = std::min(*when, first.value_or(*when));
  };
  consider(client_->next_event());
  consider(client_->next_look());
  consider(connector_->next_event());
  return first;
}

// Runs planned events first, one at a time: an event may end a pending wait.
void scenario::happen() {
  if (const auto when = world_.next(); when && *when <= world_.now()) return world_.run_next();
  client_->on_time();
  connector_->on_time();
}

// A scenario does not continue for watchers alone, nor for the data that they keep fresh.
bool scenario::is_busy() {
  if (world_.next() || client_->is_busy()) return true;
  bool has_endless = false;
  for (const auto& [label, u] : users_) {
    if (u->is_busy()) return true;
    has_endless = has_endless || u->is_endless();
  }
  if (has_endless && !until_) throw script_error(1, "a watch without its end needs `until`");
  return false;
}

}  // namespace sdconnect::scenario
