#include "sdconnect/net/error.hpp"

#include <boost/system/errc.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string>
#include <system_error>
#include <vector>

using namespace sdconnect;

namespace {

// The enumerators are numbered from 1 without gaps.
constexpr int last_errc = static_cast<int>(errc::malformed_zone_file);

TEST_CASE("errc: every message is a short noun phrase of its own", "[error]") {
  std::set<std::string> messages;
  for (int value = 1; value <= last_errc; ++value) {
    const std::string message = make_error_code(static_cast<errc>(value)).message();
    CAPTURE(value, message);
    CHECK(message != "unknown error");
    CHECK(message.size() > 5);
    CHECK(message.back() != '.');
    CHECK(messages.insert(message).second);
  }
  CHECK(make_error_code(static_cast<errc>(last_errc + 1)).message() == "unknown error");
}

TEST_CASE("errc: is a failure of our category and nothing else", "[error]") {
  const error_code ec = errc::nxdomain;
  CHECK(ec.failed());
  CHECK(ec.category() == sdconnect_category());
  CHECK(ec.category().name() == std::string("sdconnect"));
  CHECK(ec == errc::nxdomain);
  CHECK(ec != errc::no_data);
  CHECK(ec != make_error_code(boost::system::errc::no_such_file_or_directory));
}

TEST_CASE("condition: says what to do about each error", "[error][rfc2308][rfc-check-42][rfc-check-47][rfc-check-48]") {
  const auto [what, codes] = GENERATE(table<condition, std::vector<errc>>({
      {condition::absent, {errc::nxdomain, errc::no_data, errc::service_unavailable, errc::no_matching_instance}},
      {condition::transient,
       {errc::query_timed_out, errc::server_failure, errc::server_refused, errc::empty_answer, errc::truncated,
        errc::truncated_no_tcp, errc::network_failure, errc::unreachable, errc::deadline_passed}},
      {condition::bad_peer,
       {errc::malformed_message, errc::malformed_rdata, errc::alias_loop, errc::no_usable_endpoint, errc::bad_target}},
      {condition::refused_by_policy, {errc::refused_address, errc::out_of_domain}},
      {condition::bad_input,
       {errc::empty_name, errc::empty_label, errc::label_too_long, errc::name_too_long, errc::bad_escape,
        errc::bad_address, errc::bad_service, errc::bad_policy, errc::bad_key_pin, errc::bad_server_name,
        errc::no_name_servers, errc::file_unreadable, errc::malformed_zone_file}},
  }));
  for (const errc e : codes) {
    const error_code ec = e;
    CAPTURE(ec.message());
    CHECK(ec == what);
    int conditions = 0;
    for (int c = 1; c <= static_cast<int>(condition::bad_input); ++c)
      conditions += ec == static_cast<condition>(c) ? 1 : 0;
    CHECK(conditions == 1);
  }
}

TEST_CASE("errc: equals the standard's error that means the same", "[error]") {
  const auto [what, codes] = GENERATE(table<std::errc, std::vector<errc>>({
      {std::errc::timed_out, {errc::query_timed_out, errc::deadline_passed}},
      {std::errc::host_unreachable, {errc::unreachable}},
      {std::errc::bad_message, {errc::malformed_message, errc::malformed_rdata}},
      {std::errc::operation_not_permitted, {errc::refused_address, errc::out_of_domain, errc::not_authenticated}},
      {std::errc::invalid_argument,
       {errc::empty_name, errc::empty_label, errc::label_too_long, errc::name_too_long, errc::bad_escape,
        errc::bad_address, errc::bad_service, errc::bad_policy, errc::bad_key_pin, errc::bad_server_name}},
  }));
  for (int value = 1; value <= last_errc; ++value) {
    const error_code ec = static_cast<errc>(value);
    const bool is_meant = std::ranges::find(codes, static_cast<errc>(value)) != codes.end();
    CAPTURE(ec.message(), static_cast<int>(what));
    CHECK((ec == what) == is_meant);
    CHECK((ec == static_cast<boost::system::errc::errc_t>(what)) == is_meant);
    CHECK((std::error_code(ec) == what) == is_meant);
    // And it still equals its own enumerator.
    CHECK(ec == static_cast<errc>(value));
    CHECK(std::error_code(ec) == std::error_code(make_error_code(static_cast<errc>(value))));
  }
}

TEST_CASE("errc: has no standard error where none means the same", "[error]") {
  const error_code ec = GENERATE(errc::nxdomain, errc::no_data, errc::server_failure, errc::server_refused,
                                 errc::network_failure, errc::service_unavailable, errc::file_unreadable);
  for (int number = 1; number < 200; ++number) CHECK(ec != static_cast<std::errc>(number));
}

TEST_CASE("errc: what the kernel says is not taken for it", "[error]") {
  const error_code kernels(ETIMEDOUT, boost::system::system_category());
  CHECK(kernels == std::errc::timed_out);
  CHECK(kernels != errc::query_timed_out);
  CHECK(kernels != errc::deadline_passed);
  CHECK(kernels != condition::transient);
}

TEST_CASE("condition: success and foreign errors meet none", "[error]") {
  const error_code ec = GENERATE(error_code(), make_error_code(boost::system::errc::timed_out));
  for (int c = 1; c <= static_cast<int>(condition::bad_input); ++c) CHECK(ec != static_cast<condition>(c));
}

TEST_CASE("condition: every one has a message", "[error]") {
  for (int c = 1; c <= static_cast<int>(condition::bad_input); ++c) {
    CHECK(make_error_condition(static_cast<condition>(c)).message() != "unknown condition");
  }
  CHECK(make_error_condition(static_cast<condition>(99)).message() == "unknown condition");
  CHECK(condition_category().name() == std::string("sdconnect.condition"));
}

TEST_CASE("result: holds a value or an error", "[error]") {
  const result<int> value = 1;
  const result<int> failure = errc::query_timed_out;
  CHECK(value);
  CHECK_FALSE(value.error());
  CHECK_FALSE(failure);
  CHECK(failure.error() == condition::transient);
}

}  // namespace
