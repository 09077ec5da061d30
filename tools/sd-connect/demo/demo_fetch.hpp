/// \file
/// Does the work of `sd-connect get` and returns the outcome instead of printing it.
#pragma once

#include "program/exit_code.hpp"
#include "sd-connect/commands/command_context.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

struct fetched {
  connection made;
  std::optional<failure> fault;  ///< the failure that the command would have ended with
  unsigned status = 0;
  std::string page;

  [[nodiscard]] bool is_page_of(std::string_view host) const {
    return !fault && status == 200 && page.starts_with(host);
  }
};

/// Fetches the page "/" from one endpoint of the service in `opts`.
[[nodiscard]] fetched fetch(command_context& with, const options& opts);

/// The same while every endpoint of the tiers before `priority` fails its health checks.
[[nodiscard]] fetched fetch_of_tier(command_context& with, const options& opts, std::uint16_t priority);

}  // namespace sdconnect::cli
