/// \file
/// What the program started by `sd-connect exec` gets to know about the endpoint, as plain values.
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

/// SD_HOST, SD_PORT, SD_ADDR, SD_INSTANCE and one SD_TXT_<KEY> for each TXT pair of the instance
/// the endpoint belongs to: upper case, what is not A–Z or 0–9 becomes `_`; a key without value
/// gives an empty variable. Of two keys that become the same name the first counts; a value with a
/// NUL, which no variable can hold, is left out. Both are warned of.
[[nodiscard]] exec_environment make_exec_environment(const exec_target& target);

}  // namespace sdconnect::cli
