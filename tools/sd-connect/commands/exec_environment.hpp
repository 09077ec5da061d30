/// \file
/// The endpoint data that `sd-connect exec` passes to its command, as plain values.
#pragma once

#include "sdconnect/dns/endpoint.hpp"
#include "sdconnect/resolver/service.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sdconnect::cli {

struct exec_target {
  endpoint where;
  ip_address address;
  std::shared_ptr<const service> found;
};

struct exec_environment {
  std::vector<std::pair<std::string, std::string>> variables;
  std::vector<std::string> warnings;
};

/// Returns SD_HOST, SD_PORT, SD_ADDR, SD_INSTANCE and one SD_TXT_<KEY> for each TXT pair of the
/// endpoint's instance. Keys become upper case, and every character except A–Z and 0–9 becomes `_`;
/// a key without value gives an empty variable. If two keys become the same name, the first counts.
/// A value with a NUL is left out, because a variable cannot hold one. Both cases add a warning.
[[nodiscard]] exec_environment make_exec_environment(const exec_target& target);

}  // namespace sdconnect::cli
