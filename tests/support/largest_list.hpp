/// \file
/// The endpoints of the largest service.
#pragma once

#include "sdconnect/dns/endpoint.hpp"
#include "support/name_of.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sdconnect::test {

/// Endpoints of one instance, in the order of a resolver: "<prefix>00000.example.com", ...
inline std::vector<endpoint> largest_list(std::string_view prefix, std::uint32_t weight) {
  std::vector<endpoint> all(10'000);
  for (std::size_t i = 0; i < all.size(); ++i) {
    endpoint& e = all[i];
    e.target = name_of(fmt::format("{}{:05}.example.com", prefix, i));
    e.port = 80;
    e.weight = weight;
    e.addresses = {ip_address::v4({192, 0, 2, 1})};
    e.instances = {name_of("i._x._tcp.example.com")};
  }
  return all;
}

}  // namespace sdconnect::test
