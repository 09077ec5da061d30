#include "sdconnect/net/boot_clock.hpp"

#include <ctime>

namespace sdconnect {

boot_clock::time_point boot_clock::now() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_BOOTTIME, &t);  // cannot fail: the clock exists since Linux 2.6.39
  return time_point(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
}

}  // namespace sdconnect
