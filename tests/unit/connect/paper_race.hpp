/// \file
/// A race in simulated time, with a scripted context.
#pragma once

#include "connect/race/race.hpp"

#include <boost/asio/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

struct scripted_context final : race_context {
  std::set<std::size_t> on_trial;  ///< by another connect: usable only as a last resort
  std::set<std::size_t> full;      ///< must not be used
  int retries = 1'000'000;
  std::chrono::milliseconds pace{0};  ///< between two turns
  std::optional<time_point> last_turn;

  std::vector<std::size_t> asked;      ///< endpoints, in the order of the may_use() calls
  std::vector<std::string> told;       ///< "ENDPOINT OUTCOME"
  std::vector<std::string> addresses;  ///< "ENDPOINT OUTCOME" of each address
  int turns = 0;
  std::size_t granted = 0;  ///< number of endpoint uses

  bool may_use(std::size_t endpoint, bool as_last_resort, time_point) override {
    asked.push_back(endpoint);
    const bool is_granted = !full.contains(endpoint) && (as_last_resort || !on_trial.contains(endpoint));
    granted += is_granted ? 1 : 0;
    return is_granted;
  }
  bool take_retry(time_point) override { return retries-- > 0; }
  std::optional<time_point> take_turn(time_point now, time_point latest) override {
    const time_point turn = last_turn ? std::max(now, *last_turn + pace) : now;
    if (turn > latest) return {};
    ++turns;
    return last_turn = turn;
  }
  void on_address(const attempt_target& c, outcome_kind outcome, time_point) override {
    addresses.push_back(line(c.endpoint, outcome));
  }
  void on_endpoint(std::size_t endpoint, outcome_kind outcome, std::chrono::microseconds, time_point) override {
    told.push_back(line(endpoint, outcome));
  }

  static std::string line(std::size_t endpoint, outcome_kind outcome) {
    return std::to_string(endpoint) + ' ' + std::string(to_string(outcome));
  }
};

/// One candidate for each given priority, in a race with 250 ms, 2 s and a deadline in 10 s.
struct paper_race {
  race::time_point now{std::chrono::hours(1)};
  race::time_point began = now;
  scripted_context context;
  race r;

  static std::vector<attempt_target> candidates(const std::vector<std::uint16_t>& priorities) {
    std::vector<attempt_target> out;
    for (const std::uint16_t priority : priorities) {
      out.push_back({out.size(), ip_address::v4({192, 0, 2, 1}), 80, priority, false});
    }
    return out;
  }
  /// Endpoints of one tier with these numbers of addresses.
  static std::vector<attempt_target> with_addresses(const std::vector<std::size_t>& counts) {
    std::vector<attempt_target> out;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      for (std::size_t k = 0; k < counts[i]; ++k) {
        out.push_back({i, ip_address::v4({192, 0, 2, static_cast<std::uint8_t>(k)}), 80, 0, false});
      }
    }
    return out;
  }

  explicit paper_race(std::vector<attempt_target> with, race_options settings = {})
      : r(
            std::move(with),
            [&] {
              if (settings.deadline == race::time_point{}) settings.deadline = now + std::chrono::seconds(10);
              return settings;
            }(),
            context) {}
  explicit paper_race(const std::vector<std::uint16_t>& priorities) : paper_race(candidates(priorities)) {}

  [[nodiscard]] std::vector<error_code> results() const {
    std::vector<error_code> out;
    for (const race::attempt& a : r.attempts()) out.push_back(a.result);
    return out;
  }
};

inline const error_code refused = boost::asio::error::connection_refused;
inline const error_code aborted = boost::asio::error::operation_aborted;
using indexes = std::vector<std::size_t>;
using lines = std::vector<std::string>;

}  // namespace sdconnect::test
