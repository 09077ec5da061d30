/// \file
/// One connect to endpoints in the caller's order; its outcomes are not recorded.
#pragma once

#include "connect/race/connect_steps.hpp"

#include <cstddef>
#include <vector>

namespace sdconnect::detail {

class ordered_race final : public connect_steps {
 public:
  ordered_race(std::vector<endpoint> order, const race_options& options);

  [[nodiscard]] race::step start(time_point now) override { return race_.start(now); }
  [[nodiscard]] race::step on_connected(std::size_t candidate, time_point now) override;
  [[nodiscard]] race::step on_failed(std::size_t candidate, error_code ec, time_point now) override;
  [[nodiscard]] race::step on_timer(time_point now) override { return race_.on_timer(now); }
  [[nodiscard]] race::step stop(error_code status, time_point now) override { return race_.stop(status, now); }

  [[nodiscard]] const attempt_target& candidate(std::size_t index) const override { return race_.candidate(index); }
  [[nodiscard]] connect_conclusion conclude() override;

 private:
  const std::vector<endpoint> order_;
  race_context context_;
  race race_;
};

}  // namespace sdconnect::detail
