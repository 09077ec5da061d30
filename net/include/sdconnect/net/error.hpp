/// \file
/// The error codes of the library: errc says what happened, condition says how to react.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <string_view>
#include <type_traits>

namespace sdconnect {

using boost::system::error_code;

/// A value or an error_code. Functions that do no I/O return it instead of throwing.
template <class T>
using result = boost::system::result<T>;

/// What happened. Zero is success and has no enumerator. An error_code of this enum also equals the
/// code of std::errc (and of boost::system::errc) with the same meaning: query_timed_out and
/// deadline_passed equal timed_out; unreachable equals host_unreachable; malformed_message and
/// malformed_rdata equal bad_message; all of "a name, address or argument" except bad_target equal
/// invalid_argument; refused_address, out_of_domain and not_authenticated equal
/// operation_not_permitted. To test for an error of the operating system, compare with
/// boost::asio::error or check the category.
enum class errc {
  // A name, address or argument in text form.
  empty_name = 1,
  empty_label,      ///< two dots in a row, or a leading dot
  label_too_long,   ///< more than 63 octets, RFC 1035 §2.3.4
  name_too_long,    ///< more than 255 octets on the wire, RFC 1035 §2.3.4
  bad_escape,       ///< a backslash not followed by a character or by three digits up to 255
  bad_address,      ///< not an IP address, or not a name server address
  bad_service,      ///< not usable as a service name
  bad_policy,       ///< not the name of a selection policy
  bad_target,       ///< an SRV target that is not a host name
  bad_key_pin,      ///< not sha256// with a SHA-256 digest in base64
  bad_server_name,  ///< not a host name that a name server's certificate could be issued for

  // Bytes from the network.
  malformed_message,  ///< header, counts, names or lengths do not fit together
  malformed_rdata,    ///< one record whose RDATA does not fit its type

  // The four kinds of negative result. Absent:
  nxdomain,  ///< the name does not exist
  no_data,   ///< the name exists without records of this type
  // Unknown; the answer may differ next time:
  query_timed_out,   ///< no usable reply from a name server before the deadline
  server_failure,    ///< SERVFAIL, or any rcode that is not an answer
  server_refused,    ///< REFUSED or NOTAUTH
  empty_answer,      ///< NOERROR without the records asked for and without SOA, such as a referral (RFC 2308 §2.2)
  truncated,         ///< of one attempt: the answer did not fit, and the client asks again over TCP
  truncated_no_tcp,  ///< truncated over UDP, and TCP failed
  network_failure,   ///< the client could not send the query, or the name server's port is closed
  alias_loop,        ///< more than 8 CNAME or DNAME steps
  no_name_servers,   ///< no name server is configured
  // Declared unavailable:
  service_unavailable,  ///< SRV target ".", RFC 2782 "Target"
  // Unreachable:
  unreachable,      ///< all endpoints were tried and no connection succeeded
  deadline_passed,  ///< timeout of anything but a DNS query: TLS handshake, HTTP response, probe

  no_usable_endpoint,    ///< SRV records exist, but none is usable
  no_matching_instance,  ///< the service type exists, but no instance passes the filter
  refused_address,       ///< an address that clients must not connect to (unspecified, multicast, broadcast)
  out_of_domain,         ///< a name outside the queried domain; the caller's options refuse it
  not_authenticated,     ///< an answer without DNSSEC authentication; the caller's options refuse it

  // Zone files.
  file_unreadable,
  malformed_zone_file,
};

/// How to react. `ec == condition::absent` is true for every errc of that kind.
enum class condition {
  absent = 1,         ///< known not to exist; asking again before the TTL ends is useless
  transient,          ///< nothing is known; asking again makes sense, and data already held stay valid
  bad_peer,           ///< the peer sent unusable data
  refused_by_policy,  ///< a rule of this program or of its user forbids it
  bad_input,          ///< an argument of the caller is wrong
};

/// Returns the enumerator's name with spaces, such as "query timed out", for logs and counters. For
/// text to show to users call message().
[[nodiscard]] std::string_view to_string(errc e) noexcept;
[[nodiscard]] std::string_view to_string(condition c) noexcept;

const boost::system::error_category& sdconnect_category() noexcept;
const boost::system::error_category& condition_category() noexcept;

inline error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), sdconnect_category()}; }
inline boost::system::error_condition make_error_condition(condition c) noexcept {
  return {static_cast<int>(c), condition_category()};
}

}  // namespace sdconnect

template <>
struct boost::system::is_error_code_enum<sdconnect::errc> : std::true_type {};
template <>
struct boost::system::is_error_condition_enum<sdconnect::condition> : std::true_type {};
