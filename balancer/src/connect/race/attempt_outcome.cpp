#include "connect/race/attempt_outcome.hpp"

#include <string>

namespace sdconnect::detail {
namespace {

class attempt_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "sdconnect.attempt"; }
  std::string message(int) const override { return "link-local address without an interface"; }
  boost::system::error_condition default_error_condition(int) const noexcept override {
    return make_error_condition(condition::bad_peer);
  }
};

}  // namespace

error_code no_scope() noexcept {
  static const attempt_category_type category;
  return {1, category};
}

error_code system_error(boost::system::errc::errc_t what) noexcept {
  return {static_cast<int>(what), boost::system::system_category()};
}

bool is_lack_of_resources(error_code ec) noexcept {
  using enum boost::system::errc::errc_t;
  return ec == too_many_files_open || ec == too_many_files_open_in_system || ec == no_buffer_space ||
         ec == not_enough_memory || ec == address_not_available;
}

outcome_kind outcome_of(error_code ec) noexcept {
  using enum boost::system::errc::errc_t;
  if (!ec) return outcome_kind::connected;
  if (ec == operation_canceled) return outcome_kind::abandoned;
  if (is_lack_of_resources(ec)) return outcome_kind::local_failure;
  if (ec == connection_refused) return outcome_kind::refused;
  if (ec == connection_reset || ec == connection_aborted) return outcome_kind::reset;
  if (ec == boost::system::errc::timed_out) return outcome_kind::timed_out;
  // No route, rejected by a firewall, or an address family that this host lacks: unreachable from
  // here.
  return outcome_kind::unreachable;
}

}  // namespace sdconnect::detail
