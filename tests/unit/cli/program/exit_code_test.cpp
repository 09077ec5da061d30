#include "program/exit_code.hpp"

#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <cerrno>
#include <utility>

using namespace sdconnect;
using cli::exit_code;
using cli::exit_code_of;

TEST_CASE("exit codes: every errc has the code the contract names", "[cli]") {
  const std::pair<errc, exit_code> table[] = {
      {errc::empty_name, exit_code::usage},
      {errc::empty_label, exit_code::usage},
      {errc::label_too_long, exit_code::usage},
      {errc::name_too_long, exit_code::usage},
      {errc::bad_escape, exit_code::usage},
      {errc::bad_address, exit_code::usage},
      {errc::bad_service, exit_code::usage},
      {errc::bad_policy, exit_code::usage},
      {errc::bad_key_pin, exit_code::usage},
      {errc::bad_server_name, exit_code::usage},
      {errc::bad_target, exit_code::data_unusable},
      {errc::no_usable_endpoint, exit_code::data_unusable},
      {errc::malformed_zone_file, exit_code::data_unusable},
      {errc::file_unreadable, exit_code::no_input},
      {errc::nxdomain, exit_code::no_service},
      {errc::no_data, exit_code::no_service},
      {errc::service_unavailable, exit_code::no_service},
      {errc::no_matching_instance, exit_code::no_service},
      {errc::unreachable, exit_code::unavailable},
      {errc::deadline_passed, exit_code::unavailable},
      {errc::query_timed_out, exit_code::try_again},
      {errc::server_failure, exit_code::try_again},
      {errc::server_refused, exit_code::try_again},
      {errc::empty_answer, exit_code::try_again},
      {errc::truncated, exit_code::try_again},
      {errc::truncated_no_tcp, exit_code::try_again},
      {errc::network_failure, exit_code::try_again},
      {errc::malformed_message, exit_code::protocol},
      {errc::malformed_rdata, exit_code::protocol},
      {errc::alias_loop, exit_code::data_unusable},
      {errc::refused_address, exit_code::refused},
      {errc::out_of_domain, exit_code::refused},
      {errc::not_authenticated, exit_code::refused},
      {errc::no_name_servers, exit_code::configuration},
  };
  for (const auto& [error, code] : table) {
    INFO(make_error_code(error).message());
    CHECK(exit_code_of(error) == code);
  }
  CHECK(exit_code_of({}) == exit_code::done);
}

TEST_CASE("exit codes: errors of the operating system", "[cli]") {
  const auto of = [](int number) { return exit_code_of(error_code(number, boost::system::system_category())); };
  for (const int number : {EMFILE, ENFILE, ENOMEM, ENOBUFS, EACCES, EPERM, EADDRINUSE})
    CHECK(of(number) == exit_code::os_refused);
  for (const int number : {ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH})
    CHECK(of(number) == exit_code::unavailable);
  for (const int number : {EPIPE, ECONNRESET, EIO, ENOSPC}) CHECK(of(number) == exit_code::stream_broke);
  CHECK(exit_code_of(boost::asio::error::eof) == exit_code::stream_broke);
}
