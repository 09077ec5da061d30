/// \file
/// User name and password of a proxy's clients.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sdconnect::helper {

struct credentials {
  std::string user;
  std::string password;

  friend bool operator==(const credentials&, const credentials&) = default;
};

/// Compares in a time that depends only on the length of `given`.
[[nodiscard]] inline bool equal_in_constant_time(std::string_view expected, std::string_view given) noexcept {
  unsigned char difference = expected.size() == given.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char other = expected.empty() ? '\0' : expected[i % expected.size()];
    difference = static_cast<unsigned char>(difference |
                                            (static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(other)));
  }
  return difference == 0;
}

[[nodiscard]] inline bool matches(const credentials& required, std::string_view user,
                                  std::string_view password) noexcept {
  const bool has_user = equal_in_constant_time(required.user, user);
  const bool has_password = equal_in_constant_time(required.password, password);
  return has_user && has_password;
}

}  // namespace sdconnect::helper
