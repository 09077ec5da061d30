#include "resolver/client/suspend_detector.hpp"

namespace sdconnect::detail {

std::chrono::nanoseconds suspend_detector::on_time(steady_time steady, boot_time boot) noexcept {
  const std::chrono::nanoseconds slept = ahead(steady, boot) - ahead_;
  if (slept <= shortest) return std::chrono::nanoseconds(0);
  ahead_ += slept;
  return slept;
}

}  // namespace sdconnect::detail
