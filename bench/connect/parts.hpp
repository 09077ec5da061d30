/// \file
/// What a connect costs and how long it takes, in three cases. Each prints what it found, with its
/// goals.
#pragma once

#include "bench/connect/listener.hpp"

#include <chrono>
#include <cstddef>
#include <string_view>

namespace sdconnect::bench {

/// The service is known: CPU and allocations, beside Asio's own async_connect to the address.
void compare_known(listener_process& listener, std::size_t rounds, std::size_t connects);
/// One of the two alone, for callgrind.
void run_alone(listener_process& listener, std::string_view which, std::size_t connects);

/// The service is new: how many answers are waited for, one after the other.
void measure_new(const listener_process& listener, std::size_t runs);

struct silence {
  std::chrono::seconds ttl, lasts;
};
/// Known services while the name server is silent, then while it is not there.
void connect_in_silence(const listener_process& listener, const silence& with);

}  // namespace sdconnect::bench
