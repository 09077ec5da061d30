/// \file
/// An Asio timer that uses boot_clock.
#pragma once

#include "sdconnect/net/boot_clock.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace sdconnect::detail {

/// Asio waits on CLOCK_MONOTONIC, which stops while the machine is suspended, and checks boot_clock
/// when that wait ends. So no single wait is longer than `longest`, and after a suspension a timer
/// is late by at most that. While a timer is pending, this costs one wake-up of some microseconds
/// per second and io_context.
template <std::int64_t LongestMilliseconds>
struct boot_wait_traits {
  static constexpr std::chrono::milliseconds longest{LongestMilliseconds};

  static boot_clock::duration to_wait_duration(const boot_clock::duration& d) noexcept {
    return std::min<boot_clock::duration>(d, longest);
  }
  static boot_clock::duration to_wait_duration(const boot_clock::time_point& t) noexcept {
    const boot_clock::time_point now = boot_clock::now();
    return t <= now ? boot_clock::duration(0) : t - now < longest ? t - now : boot_clock::duration(longest);
  }
};

using boot_timer = boost::asio::basic_waitable_timer<boot_clock, boot_wait_traits<1000>>;

}  // namespace sdconnect::detail
