#include "sd-connect/explain/explain_decision.hpp"

#include "sd-connect/explain/json_explanation.hpp"
#include "unit/cli/command_line.hpp"
#include "unit/cli/found_service.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

/// A traced decision over {30, 10, 0} in priority 0, beside them a target without an address, and a
/// spare in priority 1.
struct scene_of_choice {
  cli::options opts = parse({"get", "_theService._tcp.unilans.net"});
  service found = example_service();
  selection_trace trace;
  std::vector<endpoint_health> health;
  std::vector<std::uint32_t> order;

  scene_of_choice() {
    found.endpoints.insert(found.endpoints.begin() + 2, endpoint_of("host3.unilans.net", 18084, 0, 0, "127.0.0.13"));
    found.endpoints.insert(found.endpoints.begin() + 3, endpoint_of("host4.unilans.net", 18085, 0, 0, ""));
    using enum endpoint_verdict;
    trace.verdicts = {candidate, candidate, candidate, unresolved, other_tier};
    trace.priority = 0;
    trace.sum = 40;
    trace.chosen = 1;
  }

  void draw(traced_draw told, std::vector<traced_candidate> shuffle) {
    trace.chosen = told.selected;
    trace.draws.push_back(told);
    trace.candidates = std::move(shuffle);
  }

  [[nodiscard]] cli::explanation story() const {
    cli::explanation told = cli::explanation::of(opts, {}, found);
    told.decision = &trace;
    told.order = order;
    told.health = health;
    told.now = endpoint_health::time_point(1h);
    return told;
  }
  [[nodiscard]] std::string text() const { return decision_text(story()); }
  [[nodiscard]] boost::json::value json() const { return boost::json::parse(explanation_json(story())).at("decision"); }
};

const std::vector<traced_candidate> zeros_first{
    {.index = 2}, {.index = 0, .running_sum = 30}, {.index = 1, .running_sum = 40}};

}  // namespace

TEST_CASE("explain: rfc2782 tells tier, shuffle, running sums, sum and the number drawn", "[cli][rfc2782]") {
  scene_of_choice s;
  s.draw({.sum = drawn_number{0, 40, 31}, .selected = 1}, zeros_first);
  s.order = {1, 0, 2, 4};
  CHECK(s.text() ==
        "choosing, policy rfc2782:\n"
        "  priority 0 serves, the lowest with a usable endpoint: 3 of 4 there can be used\n"
        "  left out: host4.unilans.net:18085 of priority 0: no such name\n"
        "  health: nothing is known of any endpoint yet\n"
        "  arranged, zero weights first:\n"
        "    host3.unilans.net:18084                   weight     0  running sum      0\n"
        "    host1.unilans.net:18081                   weight    30  running sum     30\n"
        "    host2.unilans.net:18082                   weight    10  running sum     40\n"
        "  drew 31 of 0 to 40: the first running sum to reach it is of host2.unilans.net:18082\n"
        "  chosen: host2.unilans.net:18082\n"
        "  if it fails: host1.unilans.net:18081 host3.unilans.net:18084 host100.unilans.net:18083\n");

  const boost::json::value told = s.json();
  CHECK(told.at("policy").as_string() == "rfc2782");
  CHECK(told.at("priority").to_number<int>() == 0);
  CHECK_FALSE(told.at("panic").as_bool());
  CHECK(told.at("weight_sum").to_number<int>() == 40);
  CHECK(told.at("candidates").at(2).at("running_sum").to_number<int>() == 40);
  CHECK(told.at("candidates").at(2).at("health").is_null());
  CHECK(told.at("draws").at(0).at("sum").at("number").to_number<int>() == 31);
  CHECK(told.at("draws").at(0).at("sum").at("most").to_number<int>() == 40);
  CHECK(told.at("draws").at(0).at("front").is_null());
  CHECK(told.at("chosen").at("target").as_string() == "host2.unilans.net.");
  CHECK(told.at("order").as_array().size() == 4);
  CHECK(told.at("left_out").at(0).at("reason").as_string() == "unresolved");
  CHECK(told.at("left_out").at(0).at("error").as_string() == "no such name");
  CHECK(told.at("left_out").at(1).at("reason").as_string() == "other tier");
}

TEST_CASE("explain: a draw of 0 tells who stands in front", "[cli][rfc2782]") {
  scene_of_choice s;
  s.draw({.sum = drawn_number{0, 40, 0}, .front = drawn_number{1, 1, 1}, .selected = 2}, zeros_first);
  CHECK_THAT(s.text(), Contains("  drew 0 of 0 to 40: whoever stands in front, host3.unilans.net:18084\n"));

  s.trace.draws = {{.sum = drawn_number{0, 40, 0}, .front = drawn_number{1, 3, 2}, .selected = 0}};
  CHECK_THAT(s.text(), Contains("  drew 0 of 0 to 40: whoever stands in front (drew 2 of 1 to 3), host1.unilans"));
  CHECK(s.json().at("draws").at(0).at("front").at("number").to_number<int>() == 2);

  s.trace.draws = {{.front = drawn_number{1, 3, 3}, .selected = 0}};
  CHECK_THAT(s.text(), Contains("  nothing to draw, all weights are 0: whoever stands in front (drew 3 of 1 to 3), "));

  s.trace.draws = {{.selected = 0}};
  CHECK_THAT(s.text(), Contains("  nothing to draw, it is the only one: host1.unilans.net:18081\n"));
}

TEST_CASE("explain: least-loaded tells both draws and the loads it compares", "[cli]") {
  scene_of_choice s;
  s.trace.policy = selection_policy::least_loaded;
  s.trace.draws = {{.sum = drawn_number{1, 40, 7}, .selected = 0}};
  s.draw(
      {.sum = drawn_number{1, 40, 40}, .selected = 1},
      {{.index = 2}, {.index = 0, .running_sum = 30, .in_flight = 9}, {.index = 1, .running_sum = 40, .in_flight = 2}});
  s.trace.compared = {0, 1};
  const std::string text = s.text();
  INFO(text);
  for (const char* part : {"  in proportion to the weights:\n", "weight    30  running sum     30  in flight 9\n",
                           "  drew 7 of 1 to 40: the first running sum to reach it is of host1.unilans.net:18081\n",
                           "  drew 40 of 1 to 40: the first running sum to reach it is of host2.unilans.net:18082\n",
                           "  compared: host1.unilans.net:18081 with 9 in flight for weight 30 and "
                           "host2.unilans.net:18082 with 2 in flight for weight 10; the second is less loaded\n",
                           "  chosen: host2.unilans.net:18082\n"})
    CHECK_THAT(text, Contains(part));
  CHECK(s.json().at("compared").as_array().size() == 2);
  CHECK(s.json().at("candidates").at(1).at("in_flight").to_number<int>() == 9);

  s.trace.chosen = 0;
  CHECK_THAT(s.text(), Contains("; the first is not more loaded\n"));
  s.trace.compared = {0, 0};
  CHECK_THAT(s.text(), Contains("  both draws fell on the same\n"));
}

TEST_CASE("explain: hash tells the key, its number and the scores", "[cli]") {
  scene_of_choice s;
  s.trace.policy = selection_policy::hash;
  s.trace.key = 0x1234abcd;
  s.trace.candidates = {{.index = 1, .score = 0.0125}, {.index = 0, .score = 0.5}, {.index = 2, .score = 0.1}};
  CHECK_THAT(s.text(), Contains("  key drawn at random: 000000001234abcd\n"));
  s.opts.hash_key = "user \x1b[31m42";
  const std::string text = s.text();
  CHECK_THAT(text, Contains("  key 'user \\027[31m42': 000000001234abcd\n"));
  CHECK_THAT(text, Contains("  by score of the key, the lowest is chosen:\n"
                            "    host2.unilans.net:18082                   weight    10  score 0.012500\n"
                            "    host1.unilans.net:18081                   weight    30  score 0.500000\n"));
  CHECK(s.json().at("key_hash").as_string() == "000000001234abcd");
  CHECK(s.json().at("candidates").at(0).at("score").to_number<double>() == 0.0125);
}

TEST_CASE("explain: ordered tells what it compares by", "[cli]") {
  scene_of_choice s;
  s.trace.policy = selection_policy::ordered;
  s.trace.candidates = {{.index = 0}, {.index = 1}, {.index = 2}};
  s.trace.chosen = 0;
  CHECK_THAT(s.text(), Contains("  in order: weight, then target, then port:\n"
                                "    host1.unilans.net:18081                   weight    30\n"
                                "    host2.unilans.net:18082                   weight    10\n"));
  CHECK(s.json().at("draws").as_array().empty());
}

TEST_CASE("explain: health tells its reason, of who was left out and of who was not", "[cli]") {
  scene_of_choice s;
  s.health.resize(5);
  const endpoint_health::time_point now(1h);
  s.health[0] = {.state = health_state::down,
                 .reason = health_reason::attempt_failed,
                 .last_failure = outcome_kind::refused,
                 .since = now - 3200ms,
                 .until = now + 800ms};
  s.health[1] = {.state = health_state::warming,
                 .reason = health_reason::probes_failed,
                 .weight_share = 300,
                 .since = now - 2s,
                 .until = now + 7s};
  s.health[2] = {.state = health_state::trial, .reason = health_reason::outlier, .since = now - 1s};
  s.trace.verdicts[0] = endpoint_verdict::down;
  s.trace.draws = {
      {.sum = drawn_number{0, 10, 4}, .warming = drawn_number{0, 999, 300}, .selected = 1, .is_kept = false}};
  s.draw({.sum = drawn_number{0, 10, 4}, .warming = drawn_number{0, 999, 299}, .selected = 1},
         {{.index = 2}, {.index = 1, .running_sum = 10}});
  const std::string text = s.text();
  INFO(text);
  for (const char* part : {"2 of 4 there can be used\n",
                           "  left out: host1.unilans.net:18081 of priority 0: down for 3.2 s: attempt failed, "
                           "refused; next trial in 0.8 s\n",
                           "running sum      0  trial for 1.0 s: outlier\n",
                           "running sum     10  warming at 30 % for 2.0 s: probes failed; whole weight in 7.0 s\n",
                           "host2.unilans.net:18082; it is warming, drew 300 of 0 to 999: drawn again\n",
                           "host2.unilans.net:18082; it is warming, drew 299 of 0 to 999: kept\n"})
    CHECK_THAT(text, Contains(part));
  CHECK_THAT(text, !Contains("nothing is known"));

  const boost::json::value told = s.json();
  const boost::json::value& out = told.at("left_out").at(0);
  CHECK(out.at("reason").as_string() == "down");
  CHECK(out.at("health").at("reason").as_string() == "attempt failed");
  CHECK(out.at("health").at("last_failure").as_string() == "refused");
  CHECK(out.at("health").at("since_s").to_number<double>() == 3.2);
  CHECK(out.at("health").at("until_s").to_number<double>() == 0.8);
  CHECK(told.at("candidates").at(1).at("health").at("weight_share").to_number<double>() == 0.3);
  CHECK_FALSE(told.at("draws").at(0).at("kept").as_bool());

  s.trace.is_panic = true;
  CHECK_THAT(s.text(), Contains("  health: every endpoint is down, so it is ignored\n"));
}

TEST_CASE("explain: of a long order the first few are named", "[cli]") {
  scene_of_choice s;
  s.trace.candidates = zeros_first;
  s.order.assign(12, 0);
  CHECK_THAT(s.text(), Contains("host1.unilans.net:18081 and 3 more\n"));
  CHECK(s.json().at("order").as_array().size() == 12);
}

TEST_CASE("explain: nothing to choose, and nothing that was chosen", "[cli]") {
  scene_of_choice s;
  s.trace = {};
  s.trace.verdicts.assign(5, endpoint_verdict::no_port);
  CHECK(s.text() == "choosing, policy rfc2782:\n  nothing can be chosen\n");
  CHECK(s.json().at("chosen").is_null());
  cli::explanation none = s.story();
  none.decision = nullptr;
  CHECK_THAT(explanation_text(none), !Contains("choosing"));
  CHECK(boost::json::parse(explanation_json(none)).at("decision").is_null());
}

TEST_CASE("explain: hostile names reach a decision in no form raw", "[cli][fault-N4]") {
  scene_of_choice s;
  s.found.endpoints[1].target = name_of("example.com").child(hostile_octets).value();
  s.opts.hash_key = hostile_octets;
  s.trace.policy = selection_policy::hash;
  s.trace.key = 1;
  s.trace.candidates = zeros_first;
  CHECK(is_harmless(s.text()));
  CHECK(is_harmless(explanation_json(s.story())));
}
