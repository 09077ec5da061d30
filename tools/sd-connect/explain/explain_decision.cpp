#include "sd-connect/explain/explain_decision.hpp"

#include "program/report.hpp"
#include "text/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

namespace sdconnect::cli {
namespace {

// The text names at most this many; JSON names all.
constexpr std::size_t rest_named = 8;

double in_s(std::chrono::steady_clock::duration time) { return std::chrono::duration<double>(time).count(); }

/// "down for 3.2 s: attempt failed, refused; next trial in 26.8 s"
std::string health_text(const endpoint_health& health, const explanation& story) {
  std::string text(to_string(health.state));
  if (health.state == health_state::warming) text += fmt::format(" at {:.0f} %", health.weight_share / 10.0);
  text += fmt::format(" for {:.1f} s", in_s(story.now - health.since));
  if (health.reason != health_reason::none) {
    text += fmt::format(": {}", to_string(health.reason));
    if (health.last_failure != outcome_kind::connected) text += fmt::format(", {}", to_string(health.last_failure));
  }
  if (health.until != endpoint_health::time_point()) {
    const std::string_view what = health.state == health_state::down ? "next trial" : "whole weight";
    text += fmt::format("; {} in {:.1f} s", what, std::max(in_s(health.until - story.now), 0.0));
  }
  return text;
}

std::string why_left_out(const explanation& story, std::size_t index) {
  switch (story.decision->verdicts[index]) {
    case endpoint_verdict::candidate:
    case endpoint_verdict::other_tier: return {};
    case endpoint_verdict::no_target: return "declared unavailable";
    case endpoint_verdict::no_port: return "port 0";
    case endpoint_verdict::unresolved: return story.endpoints[index].unresolved.message();
    case endpoint_verdict::down: return health_text(story.health[index], story);
  }
  return {};
}

/// Adds the tier of the choice, and how many endpoints it has.
void tell_tier(std::string& text, const explanation& story) {
  const selection_trace& trace = *story.decision;
  const auto out = std::back_inserter(text);
  const auto count = std::ranges::count(story.endpoints, *trace.priority, &endpoint::priority);
  fmt::format_to(out, "  priority {} serves, the lowest with a usable endpoint: {} of {} there can be used\n",
                 *trace.priority, trace.candidates.size(), count);
  for (std::size_t i = 0; i < story.endpoints.size(); ++i) {
    if (const std::string why = why_left_out(story, i); !why.empty())
      fmt::format_to(out, "  left out: {} of priority {}: {}\n", display(story.endpoints[i]),
                     story.endpoints[i].priority, why);
  }
  if (story.health.empty()) text += "  health: nothing is known of any endpoint yet\n";
  if (trace.is_panic) text += "  health: every endpoint is down, so it is ignored\n";
}

std::string_view arrangement_title(const selection_trace& trace) {
  if (trace.policy == selection_policy::ordered) return "in order: weight, then target, then port";
  if (trace.key) return "by score of the key, the lowest is chosen";
  if (trace.policy == selection_policy::rfc2782) return "arranged, zero weights first";
  return "in proportion to the weights";
}

void tell_candidates(std::string& text, const explanation& story) {
  const selection_trace& trace = *story.decision;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "  {}:\n", arrangement_title(trace));
  for (const traced_candidate& c : trace.candidates) {
    const endpoint& e = story.endpoints[c.index];
    fmt::format_to(out, "    {:40}  weight {:5}", display(e), e.weight);
    if (trace.key)
      fmt::format_to(out, "  score {:.6f}", c.score);
    else if (trace.policy != selection_policy::ordered)
      fmt::format_to(out, "  running sum {:6}", c.running_sum);
    if (!trace.compared.empty()) fmt::format_to(out, "  in flight {}", c.in_flight);
    if (!story.health.empty() && story.health[c.index].state != health_state::up)
      fmt::format_to(out, "  {}", health_text(story.health[c.index], story));
    text += '\n';
  }
}

void tell_draw(std::string& text, const explanation& story, const traced_draw& draw) {
  const auto out = std::back_inserter(text);
  const std::string selected = display(story.endpoints[draw.selected]);
  if (draw.sum)
    fmt::format_to(out, "  drew {} of {} to {}: ", draw.sum->number, draw.sum->least, draw.sum->most);
  else
    fmt::format_to(out, "  nothing to draw, {}: ", draw.front ? "all weights are 0" : "it is the only one");
  if (draw.front && draw.front->most > 1)
    fmt::format_to(out, "whoever stands in front (drew {} of 1 to {}), ", draw.front->number, draw.front->most);
  else if (draw.front)
    text += "whoever stands in front, ";
  else if (draw.sum)
    text += "the first running sum to reach it is of ";
  text += selected;
  if (draw.warming)
    fmt::format_to(out, "; it is warming, drew {} of 0 to {}: {}", draw.warming->number, draw.warming->most,
                   draw.is_kept ? "kept" : "drawn again");
  text += '\n';
}

void tell_comparison(std::string& text, const explanation& story) {
  const selection_trace& trace = *story.decision;
  const auto load = [&](std::uint32_t index) {
    const auto of = std::ranges::find(trace.candidates, index, &traced_candidate::index);
    return fmt::format("{} with {} in flight for weight {}", display(story.endpoints[index]), of->in_flight,
                       story.endpoints[index].weight);
  };
  if (trace.compared[0] == trace.compared[1]) {
    text += "  both draws fell on the same\n";
    return;
  }
  fmt::format_to(std::back_inserter(text), "  compared: {} and {}; {}\n", load(trace.compared[0]),
                 load(trace.compared[1]),
                 trace.chosen == trace.compared[1] ? "the second is less loaded" : "the first is not more loaded");
}

void tell_rest(std::string& text, const explanation& story) {
  const std::span<const std::uint32_t> rest = story.order.subspan(1);
  text += "  if it fails:";
  for (const std::uint32_t index : rest.first(std::min(rest.size(), rest_named)))
    text += ' ' + display(story.endpoints[index]);
  if (rest.size() > rest_named) fmt::format_to(std::back_inserter(text), " and {} more", rest.size() - rest_named);
  text += '\n';
}

}  // namespace

std::string decision_text(const explanation& story) {
  const selection_trace& trace = *story.decision;
  std::string text = fmt::format("choosing, policy {}:\n", to_string(trace.policy));
  if (!trace.chosen) return text + "  nothing can be chosen\n";
  const auto out = std::back_inserter(text);
  tell_tier(text, story);
  if (trace.key)
    fmt::format_to(out, "  key {}: {:016x}\n", story.hash_key ? in_quotes(*story.hash_key) : "drawn at random",
                   *trace.key);
  tell_candidates(text, story);
  for (const traced_draw& draw : trace.draws) tell_draw(text, story, draw);
  if (!trace.compared.empty()) tell_comparison(text, story);
  fmt::format_to(out, "  chosen: {}\n", display(story.endpoints[*trace.chosen]));
  if (story.order.size() > 1) tell_rest(text, story);
  return text;
}

}  // namespace sdconnect::cli
