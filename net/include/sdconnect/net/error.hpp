/// \file
/// The one error vocabulary: errc says what happened, condition says what to do about it.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <string_view>
#include <type_traits>

namespace sdconnect {

using boost::system::error_code;

/// A value or an error_code; pure code returns it instead of throwing.
template <class T>
using result = boost::system::result<T>;

/// What happened. Zero is success and has no name. An error_code of these also equals one of
/// std::errc (and of boost::system::errc) where that means the same: query_timed_out and
/// deadline_passed timed_out; unreachable host_unreachable; malformed_message and malformed_rdata
/// bad_message; all of "a name, address or argument" but bad_target invalid_argument;
/// refused_address, out_of_domain and not_authenticated operation_not_permitted. Code that means
/// the kernel's word compares with boost::asio::error or looks at the category.
enum class errc {
  // A name, address or argument in text form.
  empty_name = 1,
  empty_label,      ///< two dots in a row, or a leading dot
  label_too_long,   ///< more than 63 octets, RFC 1035 §2.3.4
  name_too_long,    ///< more than 255 octets on the wire, RFC 1035 §2.3.4
  bad_escape,       ///< a backslash not followed by a character or by three digits up to 255
  bad_address,      ///< not an IP address, or no name server address
  bad_service,      ///< not usable as a service name
  bad_policy,       ///< not the name of a selection policy
  multicast_name,   ///< a name below "local.", which only multicast DNS serves (RFC 6762 §3)
  bad_target,       ///< an SRV target that is no host name
  bad_key_pin,      ///< not sha256// with a SHA-256 digest in base64
  bad_server_name,  ///< not a host name that a name server's certificate could be issued for

  // Bytes from the network.
  malformed_message,  ///< header, counts, names or lengths do not fit together
  malformed_rdata,    ///< one record whose RDATA does not fit its type

  // The four kinds of "no". Absent:
  nxdomain,  ///< the name does not exist
  no_data,   ///< the name exists without records of this type (SOA seen)
  // Unknown, the answer may be different next time:
  query_timed_out,   ///< no usable reply of a name server before the deadline
  server_failure,    ///< SERVFAIL, or any rcode that is not an answer
  server_refused,    ///< REFUSED or NOTAUTH
  empty_answer,      ///< NOERROR without records and without SOA: proves nothing (RFC 2308 §2.2)
  truncated,         ///< of a single attempt: the answer did not fit and was asked for over TCP
  truncated_no_tcp,  ///< truncated over UDP, and TCP could not be used
  network_failure,   ///< the query could not be sent or the name server's port is closed
  alias_loop,        ///< more than 8 CNAME or DNAME on the way
  no_name_servers,   ///< none is configured
  // Declared unavailable:
  service_unavailable,  ///< SRV target ".", RFC 2782 "Target"
  // Unreachable:
  unreachable,      ///< every endpoint was tried and none could be connected
  deadline_passed,  ///< what was awaited is no DNS reply: a TLS handshake, an HTTP response, the end of a probe

  no_usable_endpoint,    ///< SRV records exist, none of them can be used
  no_matching_instance,  ///< the service type exists, no instance passes the filter
  refused_address,       ///< an address that must not be connected to (unspecified, multicast, broadcast)
  out_of_domain,         ///< a name outside the asked domain, refused by the caller's wish
  not_authenticated,     ///< an answer without DNSSEC authentication, refused by the caller's wish

  // Zone files.
  file_unreadable,
  malformed_zone_file,
};

/// What to do about it. `ec == condition::absent` is true for every errc of that kind.
enum class condition {
  absent = 1,         ///< it is known not to exist; asking again before the TTL is useless
  transient,          ///< nothing is known; asking again makes sense, data already held stays valid
  bad_peer,           ///< the other side sent something unusable
  refused_by_policy,  ///< a rule of this program or its user forbids it
  bad_input,          ///< what the caller handed in is at fault
};

/// The enumerator's name with spaces, "query timed out": for logs and counters. What to tell people
/// is message().
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
