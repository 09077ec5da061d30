// Tests every public enum of all layers; it is in this folder because connect is the topmost layer.
#include "sdconnect/balancer/balancer_options.hpp"
#include "sdconnect/balancer/selection_trace.hpp"
#include "sdconnect/connect/probe_options.hpp"
#include "sdconnect/dns/message_reader.hpp"
#include "sdconnect/dns/query.hpp"
#include "sdconnect/resolver/resolver.hpp"
#include "sdconnect/resolver/service_watcher.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

bool is_spelled_well(std::string_view text) {
  return !text.empty() && text.front() != ' ' && text.back() != ' ' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ' ' || c == '-';
  });
}

// Names from DNS messages and RFCs keep their capital letters.
bool is_spelled_as_in_rfcs(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == 'v'; });
}

// The enumerators are numbered without gaps; `last` is the last one, so the value after it has no
// name.
template <class Enum>
std::set<std::string> names(Enum first, Enum last) {
  std::set<std::string> out;
  for (int value = static_cast<int>(first); value <= static_cast<int>(last); ++value) {
    const auto [at, is_new] = out.emplace(to_string(static_cast<Enum>(value)));
    CAPTURE(value, *at);
    CHECK(is_new);
  }
  const std::string behind(to_string(static_cast<Enum>(static_cast<int>(last) + 1)));
  CAPTURE(behind);
  CHECK((behind == "unknown" || behind == "no such event"));
  CHECK_FALSE(out.contains(behind));
  return out;
}

template <class Enum>
void check_words(Enum first, Enum last) {
  for (const std::string& text : names(first, last)) {
    CAPTURE(text);
    CHECK(is_spelled_well(text));
  }
}

TEST_CASE("to_string: every enumerator of every public enum has a name of its own", "[error][dns][balancer][connect]") {
  check_words(errc::empty_name, errc::malformed_zone_file);
  check_words(condition::absent, condition::bad_input);
  check_words(message_section::answer, message_section::additional);
  check_words(reply_match::yes, reply_match::no_question);
  check_words(service_kind::none, service_kind::address);
  check_words(domain_enumeration::browse, domain_enumeration::legacy_browse);
  check_words(watch_event_kind::added, watch_event_kind::recovered);
  check_words(outcome_kind::connected, outcome_kind::local_failure);
  check_words(health_state::up, health_state::down);
  check_words(health_reason::none, health_reason::probes_failed);
  check_words(endpoint_verdict::candidate, endpoint_verdict::down);
  check_words(tier_spill::all_dead, tier_spill::healthy_share);

  CHECK(names(ip_family::v4, ip_family::v6) == std::set<std::string>{"IPv4", "IPv6"});
  CHECK(names(dns_transport::udp, dns_transport::file) == std::set<std::string>{"UDP", "TCP", "TLS", "file"});
}

TEST_CASE("to_string: policies and probes are called as they are asked for", "[balancer][connect]") {
  for (const auto policy : {selection_policy::rfc2782, selection_policy::weighted, selection_policy::ordered,
                            selection_policy::least_loaded, selection_policy::hash}) {
    CHECK(is_spelled_well(to_string(policy)));
    CHECK(selection_policy_from_text(to_string(policy)).value() == policy);
  }
  std::set<std::string_view> kinds;
  for (const auto kind : {probe_kind::tcp, probe_kind::http, probe_kind::tls, probe_kind::exec}) {
    CHECK(is_spelled_well(to_string(kind)));
    CHECK(kinds.insert(to_string(kind)).second);
  }
}

TEST_CASE("to_string: what stands in messages is spelled as in the RFCs", "[dns]") {
  std::set<std::string> types;
  for (const auto type : {rr_type::a, rr_type::ns, rr_type::cname, rr_type::soa, rr_type::ptr, rr_type::txt,
                          rr_type::aaaa, rr_type::srv, rr_type::dname, rr_type::opt}) {
    CHECK(is_spelled_as_in_rfcs(to_string(type)));
    CHECK(types.insert(to_string(type)).second);
  }
  std::set<std::string> codes;
  for (const auto code : {rcode::noerror, rcode::formerr, rcode::servfail, rcode::nxdomain, rcode::notimp,
                          rcode::refused, rcode::notauth, rcode::badvers}) {
    CHECK(is_spelled_as_in_rfcs(to_string(code)));
    CHECK(codes.insert(to_string(code)).second);
  }
  CHECK(to_string(rr_class::in) == "IN");
  CHECK(to_string(static_cast<rr_class>(3)) == "CLASS3");
}

}  // namespace
