#include "connect/race/connect_steps.hpp"

namespace sdconnect::detail {

std::vector<connect_attempt> attempts_of(const race& of,
                                         const std::function<const endpoint&(std::size_t)>& endpoint_at) {
  std::vector<connect_attempt> out;
  out.reserve(of.attempts().size());
  for (const race::attempt& a : of.attempts()) {
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
