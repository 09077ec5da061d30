#include "sdconnect/net/error.hpp"

#include <boost/system/errc.hpp>

#include <optional>
#include <string>

namespace sdconnect {
namespace {

const char* text_of(errc e) noexcept {
  switch (e) {
    case errc::empty_name: return "empty name";
    case errc::empty_label: return "empty label in name";
    case errc::label_too_long: return "label longer than 63 octets";
    case errc::name_too_long: return "name longer than 255 octets";
    case errc::bad_escape: return "bad escape in name";
    case errc::bad_address: return "not an IP address";
    case errc::bad_service: return "not a service name";
    case errc::bad_policy: return "not a selection policy";
    case errc::bad_target: return "SRV target is not a host name";
    case errc::bad_key_pin: return "not a pin of a public key";
    case errc::bad_server_name: return "not a host name for a name server's certificate";
    case errc::malformed_message: return "malformed DNS message";
    case errc::malformed_rdata: return "malformed record data";
    case errc::nxdomain: return "no such name";
    case errc::no_data: return "no record of this type";
    case errc::query_timed_out: return "DNS query timed out";
    case errc::server_failure: return "name server failure";
    case errc::server_refused: return "query refused by name server";
    case errc::empty_answer: return "empty answer that proves nothing";
    case errc::truncated: return "answer truncated";
    case errc::truncated_no_tcp: return "answer truncated and TCP not usable";
    case errc::network_failure: return "name server not reachable";
    case errc::alias_loop: return "too many aliases";
    case errc::no_name_servers: return "no name server configured";
    case errc::service_unavailable: return "service declared not available";
    case errc::unreachable: return "no endpoint reachable";
    case errc::deadline_passed: return "no answer within the time limit";
    case errc::no_usable_endpoint: return "no usable endpoint in SRV records";
    case errc::no_matching_instance: return "no matching instance";
    case errc::refused_address: return "address must not be connected to";
    case errc::out_of_domain: return "name outside the asked domain";
    case errc::not_authenticated: return "answer not authenticated";
    case errc::file_unreadable: return "file cannot be read";
    case errc::malformed_zone_file: return "malformed zone file";
  }
  return "unknown error";
}

condition condition_of(errc e) noexcept {
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
    case errc::bad_server_name:
    case errc::no_name_servers:
    case errc::file_unreadable:
    case errc::malformed_zone_file: return condition::bad_input;
    case errc::nxdomain:
    case errc::no_data:
    case errc::no_matching_instance:
    case errc::service_unavailable: return condition::absent;
    case errc::query_timed_out:
    case errc::server_failure:
    case errc::server_refused:
    case errc::empty_answer:
    case errc::truncated:
    case errc::truncated_no_tcp:
    case errc::network_failure:
    case errc::unreachable:
    case errc::deadline_passed: return condition::transient;
    case errc::bad_target:
    case errc::malformed_message:
    case errc::malformed_rdata:
    case errc::alias_loop:
    case errc::no_usable_endpoint: return condition::bad_peer;
    case errc::refused_address:
    case errc::out_of_domain:
    case errc::not_authenticated: return condition::refused_by_policy;
  }
  return condition::transient;
}

// The standard error with the same meaning, if there is one.
std::optional<boost::system::errc::errc_t> standard_error_of(errc e) noexcept {
  using enum boost::system::errc::errc_t;
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
    case errc::bad_server_name: return invalid_argument;
    case errc::malformed_message:
    case errc::malformed_rdata: return bad_message;
    case errc::query_timed_out:
    case errc::deadline_passed: return timed_out;
    case errc::unreachable: return host_unreachable;
    case errc::refused_address:
    case errc::out_of_domain:
    case errc::not_authenticated: return operation_not_permitted;
    case errc::bad_target:
    case errc::nxdomain:
    case errc::no_data:
    case errc::server_failure:
    case errc::server_refused:
    case errc::empty_answer:
    case errc::truncated:
    case errc::truncated_no_tcp:
    case errc::network_failure:
    case errc::alias_loop:
    case errc::no_name_servers:
    case errc::service_unavailable:
    case errc::no_usable_endpoint:
    case errc::no_matching_instance:
    case errc::file_unreadable:
    case errc::malformed_zone_file: return std::nullopt;
  }
  return std::nullopt;
}

class error_category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "sdconnect"; }
  std::string message(int value) const override { return text_of(static_cast<errc>(value)); }
  boost::system::error_condition default_error_condition(int value) const noexcept override {
    return make_error_condition(condition_of(static_cast<errc>(value)));
  }
  bool equivalent(int value, const boost::system::error_condition& other) const noexcept override {
    if (other.category() != boost::system::generic_category()) return default_error_condition(value) == other;
    const auto standard = standard_error_of(static_cast<errc>(value));
    return standard && static_cast<int>(*standard) == other.value();
  }
};

class condition_category_type final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "sdconnect.condition"; }
  std::string message(int value) const override {
    switch (static_cast<condition>(value)) {
      case condition::absent: return "absent";
      case condition::transient: return "unknown for now";
      case condition::bad_peer: return "unusable data from the peer";
      case condition::refused_by_policy: return "refused by policy";
      case condition::bad_input: return "bad input";
    }
    return "unknown condition";
  }
};

}  // namespace

const boost::system::error_category& sdconnect_category() noexcept {
  static const error_category instance;
  return instance;
}

const boost::system::error_category& condition_category() noexcept {
  static const condition_category_type instance;
  return instance;
}

}  // namespace sdconnect
