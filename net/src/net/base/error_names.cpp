#include "sdconnect/net/error.hpp"

namespace sdconnect {

std::string_view to_string(errc e) noexcept {
  switch (e) {
    case errc::empty_name: return "empty name";
    case errc::empty_label: return "empty label";
    case errc::label_too_long: return "label too long";
    case errc::name_too_long: return "name too long";
    case errc::bad_escape: return "bad escape";
    case errc::bad_address: return "bad address";
    case errc::bad_service: return "bad service";
    case errc::bad_policy: return "bad policy";
    case errc::bad_target: return "bad target";
    case errc::bad_key_pin: return "bad key pin";
    case errc::bad_server_name: return "bad server name";
    case errc::malformed_message: return "malformed message";
    case errc::malformed_rdata: return "malformed rdata";
    case errc::nxdomain: return "nxdomain";
    case errc::no_data: return "no data";
    case errc::query_timed_out: return "query timed out";
    case errc::server_failure: return "server failure";
    case errc::server_refused: return "server refused";
    case errc::empty_answer: return "empty answer";
    case errc::truncated: return "truncated";
    case errc::truncated_no_tcp: return "truncated no tcp";
    case errc::network_failure: return "network failure";
    case errc::alias_loop: return "alias loop";
    case errc::no_name_servers: return "no name servers";
    case errc::service_unavailable: return "service unavailable";
    case errc::unreachable: return "unreachable";
    case errc::deadline_passed: return "deadline passed";
    case errc::no_usable_endpoint: return "no usable endpoint";
    case errc::no_matching_instance: return "no matching instance";
    case errc::refused_address: return "refused address";
    case errc::out_of_domain: return "out of domain";
    case errc::not_authenticated: return "not authenticated";
    case errc::file_unreadable: return "file unreadable";
    case errc::malformed_zone_file: return "malformed zone file";
  }
  return "unknown";
}

std::string_view to_string(condition c) noexcept {
  switch (c) {
    case condition::absent: return "absent";
    case condition::transient: return "transient";
    case condition::bad_peer: return "bad peer";
    case condition::refused_by_policy: return "refused by policy";
    case condition::bad_input: return "bad input";
  }
  return "unknown";
}

}  // namespace sdconnect
