#include "sd-connect/explain/json_decision.hpp"

#include "text/json_parts.hpp"

#include <fmt/format.h>

namespace sdconnect::cli {
namespace {

json::object endpoint_named(const endpoint& e) { return {{"target", e.target.to_text()}, {"port", e.port}}; }

json::value number_of(const std::optional<drawn_number>& drawn) {
  if (!drawn) return nullptr;
  return json::object{{"number", drawn->number}, {"least", drawn->least}, {"most", drawn->most}};
}

double rounded_s(std::chrono::steady_clock::duration time) {
  return four_decimals(std::chrono::duration<double>(time).count());
}

json::value health_of(const explanation& story, std::size_t index) {
  if (story.health.empty()) return nullptr;
  const endpoint_health& health = story.health[index];
  const bool has_failed = health.last_failure != outcome_kind::connected;
  return json::object{
      {"state", to_string(health.state)},
      {"reason", health.reason == health_reason::none ? json::value(nullptr) : json::value(to_string(health.reason))},
      {"last_failure", has_failed ? json::value(to_string(health.last_failure)) : json::value(nullptr)},
      {"weight_share", health.weight_share / 1000.0},
      {"since_s", rounded_s(story.now - health.since)},
      {"until_s", health.until == endpoint_health::time_point() ? json::value(nullptr)
                                                                : json::value(rounded_s(health.until - story.now))}};
}

json::value candidate_of(const explanation& story, const traced_candidate& c) {
  const selection_trace& trace = *story.decision;
  json::object object = endpoint_named(story.endpoints[c.index]);
  object["weight"] = story.endpoints[c.index].weight;
  if (trace.key)
    object["score"] = c.score;
  else if (trace.policy != selection_policy::ordered)
    object["running_sum"] = c.running_sum;
  if (!trace.compared.empty()) object["in_flight"] = c.in_flight;
  object["health"] = health_of(story, c.index);
  return object;
}

json::array left_out(const explanation& story) {
  json::array all;
  for (std::size_t i = 0; i < story.endpoints.size(); ++i) {
    const endpoint_verdict verdict = story.decision->verdicts[i];
    if (verdict == endpoint_verdict::candidate) continue;
    json::object object = endpoint_named(story.endpoints[i]);
    object["priority"] = story.endpoints[i].priority;
    object["reason"] = to_string(verdict);
    object["error"] = text_or_null(story.endpoints[i].unresolved);
    object["health"] = health_of(story, i);
    all.push_back(std::move(object));
  }
  return all;
}

json::value draw_of(const explanation& story, const traced_draw& draw) {
  json::object object = endpoint_named(story.endpoints[draw.selected]);
  object["sum"] = number_of(draw.sum);
  object["front"] = number_of(draw.front);
  object["warming"] = number_of(draw.warming);
  object["kept"] = draw.is_kept;
  return object;
}

}  // namespace

json::value decision_of(const explanation& story) {
  if (story.decision == nullptr) return nullptr;
  const selection_trace& trace = *story.decision;
  const auto named = [&](std::uint32_t index) -> json::value { return endpoint_named(story.endpoints[index]); };
  json::object object{{"policy", to_string(trace.policy)},
                      {"priority", trace.priority ? json::value(*trace.priority) : json::value(nullptr)},
                      {"panic", trace.is_panic},
                      {"left_out", left_out(story)}};
  object["candidates"] = array_of(trace.candidates, [&](const auto& c) { return candidate_of(story, c); });
  object["weight_sum"] = trace.sum;
  // A JSON number cannot represent all 64-bit values.
  if (trace.key) object["key_hash"] = fmt::format("{:016x}", *trace.key);
  object["draws"] = array_of(trace.draws, [&](const traced_draw& d) { return draw_of(story, d); });
  if (!trace.compared.empty()) object["compared"] = array_of(trace.compared, named);
  object["chosen"] = trace.chosen ? named(*trace.chosen) : json::value(nullptr);
  if (!story.order.empty()) object["order"] = array_of(story.order, named);
  return object;
}

}  // namespace sdconnect::cli
