#include "program/exit_code.hpp"

#include <boost/asio/error.hpp>

#include <cerrno>

namespace sdconnect::cli {
namespace {

exit_code code_of(errc e) noexcept {
  switch (e) {
    case errc::empty_name:
    case errc::empty_label:
    case errc::label_too_long:
    case errc::name_too_long:
    case errc::bad_escape:
    case errc::bad_address:
    case errc::bad_service:
    case errc::bad_policy:
    case errc::bad_key_pin:
    case errc::bad_server_name: return exit_code::usage;
    case errc::bad_target:
    case errc::alias_loop:
    case errc::no_usable_endpoint:
    case errc::malformed_zone_file: return exit_code::data_unusable;
    case errc::file_unreadable: return exit_code::no_input;
    case errc::nxdomain:
    case errc::no_data:
    case errc::service_unavailable:
    case errc::no_matching_instance: return exit_code::no_service;
    case errc::unreachable:
    case errc::deadline_passed: return exit_code::unavailable;
    case errc::query_timed_out:
    case errc::server_failure:
    case errc::server_refused:
    case errc::empty_answer:
    case errc::truncated:
    case errc::truncated_no_tcp:
    case errc::network_failure: return exit_code::try_again;
    case errc::malformed_message:
    case errc::malformed_rdata: return exit_code::protocol;
    case errc::refused_address:
    case errc::out_of_domain:
    case errc::not_authenticated: return exit_code::refused;
    case errc::no_name_servers: return exit_code::configuration;
  }
  return exit_code::internal_bug;
}

exit_code code_of_errno(int number) noexcept {
  switch (number) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case ETIMEDOUT: return exit_code::unavailable;
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
    case EIO:
    case ENOSPC: return exit_code::stream_broke;
    case ECANCELED: return exit_code::internal_bug;  // only this program cancels operations
    default: return exit_code::os_refused;           // EMFILE, ENFILE, ENOMEM, EACCES, EADDRINUSE, ...
  }
}

}  // namespace

exit_code exit_code_of(error_code ec) noexcept {
  if (!ec) return exit_code::done;
  if (ec.category() == sdconnect_category()) return code_of(static_cast<errc>(ec.value()));
  if (ec.category() == boost::system::system_category() || ec.category() == boost::system::generic_category())
    return code_of_errno(ec.value());
  if (ec == boost::asio::error::eof) return exit_code::stream_broke;
  if (ec == condition::refused_by_policy) return exit_code::refused;  // a name server's certificate
  if (ec == condition::bad_input) return exit_code::no_input;         // the CA file for checking it
  // The remaining categories are those of TLS and HTTP.
  return exit_code::protocol;
}

}  // namespace sdconnect::cli
