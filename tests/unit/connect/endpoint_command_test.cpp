#include "sdconnect/connect/endpoint_command.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace sdconnect;

namespace {

endpoint host1() {
  endpoint e;
  e.target = name::from_text("host1.unilans.net.").value();
  e.port = 18081;
  return e;
}

const ip_address address = ip_address::v4({127, 0, 0, 11});

}  // namespace

TEST_CASE("endpoint command: placeholders are replaced wherever they stand, other braces stay", "[connect][exec]") {
  CHECK(fill_placeholders("{host}", host1(), address) == "host1.unilans.net");
  CHECK(fill_placeholders("http://{addr}:{port}/{host}?{port}{port}", host1(), address) ==
        "http://127.0.0.11:18081/host1.unilans.net?1808118081");
  CHECK(fill_placeholders("{} {Host} {host {{port}} }", host1(), address) == "{} {Host} {host {18081} }");
  CHECK(fill_placeholders("", host1(), address).empty());
}

TEST_CASE("endpoint command: the endpoint becomes variables", "[connect][exec]") {
  using variables = std::vector<std::pair<std::string, std::string>>;
  CHECK(endpoint_variables(host1(), address) ==
        variables{{"SD_HOST", "host1.unilans.net"}, {"SD_PORT", "18081"}, {"SD_ADDR", "127.0.0.11"}});
}

TEST_CASE("endpoint command: inherited variables that would pass for ours are recognised", "[connect][exec]") {
  CHECK(is_endpoint_variable("SD_HOST"));
  CHECK(is_endpoint_variable("SD_TXT_OLD"));
  CHECK_FALSE(is_endpoint_variable("SD_CONNECT_SERVER"));
  CHECK_FALSE(is_endpoint_variable("SD_HOSTS"));
  CHECK_FALSE(is_endpoint_variable("PATH"));
}

TEST_CASE("endpoint command: a target that a command would take for an option is none for it",
          "[connect][exec][fault-L30]") {
  CHECK(is_safe_argument(name::from_text("host1.unilans.net").value()));
  CHECK_FALSE(is_safe_argument(name::from_text("-x.unilans.net").value()));
  CHECK_FALSE(is_safe_argument(name::from_text("a b.unilans.net").value()));
}
