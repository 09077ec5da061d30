/// \file
/// A helper that only says what a test tells it to say.
#pragma once

#include "helper/status/status_pages.hpp"
#include "unit/helper/status/sample_status.hpp"

#include <string>
#include <vector>

namespace sdconnect::test {

struct fake_source final : helper::status_source {
  helper::helper_status snapshot() override {
    ++snapshots;
    return status;
  }
  std::string why_not_ready() override { return not_ready; }
  std::string perform(const helper::status_action& action) override {
    actions.push_back(action);
    return problem;
  }

  helper::helper_status status = sample_status();
  std::string not_ready;
  std::string problem;
  std::vector<helper::status_action> actions;
  int snapshots = 0;
};

}  // namespace sdconnect::test
