/// \file
/// The exit codes of sd-connect (sysexits) and the mapping from errors to them. Scripts rely on
/// them; they must not change.
#pragma once

#include "sdconnect/net/error.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace sdconnect::cli {

enum class exit_code : int {
  done = 0,
  usage = 64,
  data_unusable = 65,
  no_input = 66,
  no_service = 68,
  unavailable = 69,
  internal_bug = 70,
  os_refused = 71,
  stream_broke = 74,
  try_again = 75,
  protocol = 76,
  refused = 77,
  configuration = 78,
};

/// Returns the exit code for any error: of this library, the operating system, TLS or HTTP.
[[nodiscard]] exit_code exit_code_of(error_code ec) noexcept;

/// Ends the program with `code` and one line on stderr: what failed, where, and what to do. The text
/// is escaped for display.
class failure : public std::runtime_error {
 public:
  struct parts {
    std::string what;
    std::string where;  ///< may be empty
    std::string hint;   ///< what to do; may be empty
  };

  failure(exit_code code, const std::string& line, parts said)
      : std::runtime_error(line), code_(code), parts_(std::move(said)) {}
  [[nodiscard]] exit_code code() const noexcept { return code_; }
  [[nodiscard]] const parts& said() const noexcept { return parts_; }

 private:
  exit_code code_;
  parts parts_;
};

/// A failure that the data on stdout already tell.
struct told_failure : failure {
  explicit told_failure(const failure& why) : failure(why) {}
};

}  // namespace sdconnect::cli
