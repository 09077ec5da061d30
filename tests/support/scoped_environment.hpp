/// \file
/// Environment variables for one test.
#pragma once

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace sdconnect::test {

/// Sets variables, and removes them at the end, whatever the tested code did with them. REQUIRES:
/// they are not set before.
class scoped_environment {
 public:
  scoped_environment(std::initializer_list<std::pair<std::string, std::string>> variables) : variables_(variables) {
    for (const auto& [variable, value] : variables_) ::setenv(variable.c_str(), value.c_str(), 1);
  }
  ~scoped_environment() {
    for (const auto& [variable, value] : variables_) ::unsetenv(variable.c_str());
  }
  scoped_environment(const scoped_environment&) = delete;
  scoped_environment& operator=(const scoped_environment&) = delete;

 private:
  std::vector<std::pair<std::string, std::string>> variables_;
};

}  // namespace sdconnect::test
