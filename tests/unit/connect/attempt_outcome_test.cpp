#include "connect/race/attempt_outcome.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
namespace error = boost::asio::error;

TEST_CASE("attempt outcome: every error of connect() has its meaning", "[connect][fault-X33]") {
  const auto [ec, outcome] = GENERATE(table<error_code, outcome_kind>({
      {error_code(), outcome_kind::connected},
      {error::connection_refused, outcome_kind::refused},
      {error::connection_reset, outcome_kind::reset},
      {error::connection_aborted, outcome_kind::reset},
      {error::timed_out, outcome_kind::timed_out},
      {error::host_unreachable, outcome_kind::unreachable},
      {error::network_unreachable, outcome_kind::unreachable},
      {error::network_down, outcome_kind::unreachable},
      {error::access_denied, outcome_kind::unreachable},
      {error::address_family_not_supported, outcome_kind::unreachable},
      {error::operation_aborted, outcome_kind::abandoned},
      {error::no_descriptors, outcome_kind::local_failure},
      {error::no_buffer_space, outcome_kind::local_failure},
      {error::no_memory, outcome_kind::local_failure},
      {make_error_code(boost::system::errc::too_many_files_open_in_system), outcome_kind::local_failure},
      {make_error_code(boost::system::errc::address_not_available), outcome_kind::local_failure},
  }));
  INFO(ec.message());
  CHECK(outcome_of(ec) == outcome);
}
