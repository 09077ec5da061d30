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
  std::vector<endpoint> order;  ///< every endpoint that can be tried, in the order drawn
};

struct exec_environment {
  std::vector<std::pair<std::string, std::string>> variables;
  std::vector<std::string> warnings;
};

/// Returns the variables of endpoint_variables, and one SD_TXT_<KEY> for each TXT pair of the
/// endpoint's instance. Keys become upper case, and every character except A–Z and 0–9 becomes `_`;
/// a key without value gives an empty variable. If two keys become the same name, the first counts.
/// A value with a NUL is left out, because a variable cannot hold one. Each of these cases, and a
/// SD_ENDPOINTS that is left out, adds a warning.
[[nodiscard]] exec_environment make_exec_environment(const exec_target& target);

}  // namespace sdconnect::cli
