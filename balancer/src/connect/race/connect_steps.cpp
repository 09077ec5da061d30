#include "connect/race/connect_steps.hpp"

#include <algorithm>

namespace sdconnect::detail {
namespace {

// Each takes a third of a kilobyte; a continued connect may try again what is not listed.
constexpr std::size_t most_attempts = 10'000;

}  // namespace

std::vector<connect_attempt> attempts_of(const race& of,
                                         const std::function<const endpoint&(std::size_t)>& endpoint_at) {
  std::vector<connect_attempt> out;
  out.reserve(std::min(of.attempts().size(), most_attempts + 1));
  for (const race::attempt& a : of.attempts()) {
    if (out.size() >= most_attempts && of.winner() != a.candidate) continue;
    const attempt_target& candidate = of.candidate(a.candidate);
    const auto since_first =
        std::chrono::duration_cast<std::chrono::microseconds>(a.started - of.attempts().front().started);
    out.push_back({candidate.endpoint, endpoint_at(candidate.endpoint).target, candidate.address, candidate.port,
                   candidate.priority, since_first, a.elapsed, a.result});
  }
  return out;
}

connect_conclusion conclusion_of(const race& of, const std::function<const endpoint&(std::size_t)>& endpoint_at) {
  connect_conclusion out;
  out.status = of.status();
  out.winner = of.winner();
  if (out.winner) {
    out.where = endpoint_at(of.candidate(*out.winner).endpoint);
    out.address = of.candidate(*out.winner).address;
  }
  out.attempts = attempts_of(of, endpoint_at);
  if (!of.attempts().empty()) out.first_attempt = of.attempts().front().started;
  out.restraint = of.restraint();
  for (const std::size_t at : of.untried()) {
    const endpoint& e = endpoint_at(at);
    out.untried.push_back({e.target, e.port, e.priority});
  }
  return out;
}

}  // namespace sdconnect::detail
