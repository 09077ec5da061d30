#include "connect/probe/probe_error.hpp"

#include <string>

namespace sdconnect::detail {
namespace {

// HTTP statuses have three digits, and are used as they are; exit codes begin behind them.
constexpr int first_exit_code = 1000;
constexpr int first_signal = first_exit_code + 128;  // the convention of shells

class probe_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "sdconnect.probe"; }
  std::string message(int value) const override {
    if (value > first_signal) return "command ended by signal " + std::to_string(value - first_signal);
    if (value >= first_exit_code) return "command ended with " + std::to_string(value - first_exit_code);
    return "HTTP status " + std::to_string(value);
  }
  boost::system::error_condition default_error_condition(int) const noexcept override {
    return make_error_condition(condition::bad_peer);
  }
};

error_code make(int value) noexcept {
  static const probe_category_type category;
  return {value, category};
}

}  // namespace

error_code unexpected_status(unsigned status) noexcept { return make(static_cast<int>(status)); }
error_code command_failed(int exit_code) noexcept { return make(first_exit_code + exit_code); }

}  // namespace sdconnect::detail
