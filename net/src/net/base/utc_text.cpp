#include "net/base/utc_text.hpp"

#include <fmt/format.h>

#include <ctime>

namespace sdconnect::detail {

std::string utc_text(std::chrono::system_clock::time_point time) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const std::time_t whole = seconds.count();
  std::tm at{};
  gmtime_r(&whole, &at);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday,
                     at.tm_hour, at.tm_min, at.tm_sec, (since_epoch - seconds).count());
}

}  // namespace sdconnect::detail
