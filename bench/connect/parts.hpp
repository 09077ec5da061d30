/// \file
/// The CPU cost and the duration of a connect, in three cases. Each function prints its results
/// with their goals.
#pragma once

#include "bench/connect/listener.hpp"

#include <chrono>
#include <cstddef>
#include <string_view>

namespace sdconnect::bench {

/// The service is known: CPU and allocations, compared with Asio's own async_connect to the
/// address.
void compare_known(listener_process& listener, std::size_t rounds, std::size_t connects);
/// Runs one of the two alone, for callgrind.
void run_alone(listener_process& listener, std::string_view which, std::size_t connects);

/// The service is new: the number of answers that the connect waits for, one after the other.
void measure_new(const listener_process& listener, std::size_t runs);

struct silence {
  std::chrono::seconds ttl, lasts;
};
/// The service is known, and the name server first is silent, then is not running.
void connect_in_silence(const listener_process& listener, const silence& with);

}  // namespace sdconnect::bench
