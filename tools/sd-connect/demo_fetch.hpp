/// \file
/// What `sd-connect get` does, with the outcome as a value instead of on stdout.
#pragma once

#include "exit_code.hpp"
#include "session.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sdconnect::cli {

struct fetched {
  connection made;
  std::optional<failure> fault;  ///< what the command would have ended with
  unsigned status = 0;
  std::string page;

  [[nodiscard]] bool is_page_of(std::string_view host) const {
    return !fault && status == 200 && page.starts_with(host);
  }
};

/// One endpoint of the service asked for in `opts`, and its page "/".
[[nodiscard]] fetched fetch(session& with, const options& opts);

/// The same with the endpoints given, in that order.
[[nodiscard]] fetched fetch_in_order(session& with, const options& opts, std::vector<endpoint> order);

}  // namespace sdconnect::cli
