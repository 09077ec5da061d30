#include "sdconnect/balancer/policy.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sdconnect;

namespace {

TEST_CASE("selection_policy: text and value convert both ways", "[balancer]") {
  const auto [policy, text] = GENERATE(table<selection_policy, std::string>({
      {selection_policy::rfc2782, "rfc2782"},
      {selection_policy::weighted, "weighted"},
      {selection_policy::ordered, "ordered"},
      {selection_policy::least_loaded, "least-loaded"},
      {selection_policy::hash, "hash"},
  }));
  CHECK(to_string(policy) == text);
  CHECK(selection_policy_from_text(text).value() == policy);
}

TEST_CASE("selection_policy: other text is refused", "[balancer]") {
  const std::string text = GENERATE("", "rfc", "RFC2782", "weighted ", "least_loaded", "random");
  INFO('"' << text << '"');
  const result<selection_policy> policy = selection_policy_from_text(text);
  REQUIRE(policy.has_error());
  CHECK(policy.error() == errc::bad_policy);
  CHECK(policy.error() == condition::bad_input);
}

}  // namespace
