/// \file
/// The verb `connect`: one connect, or one per interval, and the expectations about them.
#pragma once

#include "scenarios/connector_shell.hpp"
#include "scenarios/script.hpp"
#include "scenarios/service_lines.hpp"
#include "scenarios/users.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace sdconnect::scenario {

class connects : public user {
 public:
  /// In the order in which they began; nullopt for a connect in progress.
  [[nodiscard]] virtual const std::vector<std::optional<connect_result>>& results() const = 0;
};

[[nodiscard]] std::shared_ptr<connects> make_connects(world& in, connector_shell& with, const script_line& line);

/// `expect c [nth=] [from=] [to=]` and the lines below it.
void check_connects(const script_line& expectation, const connects& of, const complain& failed);

}  // namespace sdconnect::scenario
