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

TEST_CASE("endpoint command: an IPv6 address is in brackets where a port follows", "[connect][exec][fault-O30]") {
  const ip_address v6 = ip_address::from_text("2001:db8::1").value();
  CHECK(fill_placeholders("http://{addrport}/ {addr}", host1(), v6) == "http://[2001:db8::1]:18081/ 2001:db8::1");
  CHECK(fill_placeholders("http://{addrport}/", host1(), address) == "http://127.0.0.11:18081/");
  CHECK(fill_placeholders("{hostport}", host1(), v6) == "host1.unilans.net:18081");
}

TEST_CASE("endpoint command: the whole order, and what the records say of the endpoint", "[connect][exec][fault-O31]") {
  endpoint first = host1();
  first.priority = 1;
  first.weight = 30;
  first.instances = {name::from_text("My\\032Shop._x._tcp.unilans.net.").value()};
  endpoint second = host1();
  second.target = name::from_text("host2.unilans.net.").value();
  endpoint unsafe = host1();
  unsafe.target = name::from_text("-x.unilans.net.").value();
  const std::vector<endpoint> order{second, unsafe, first};
  CHECK(fill_placeholders("{priority} {weight} {instance}", first, address) == "1 30 My\\032Shop._x._tcp.unilans.net");
  CHECK(fill_placeholders("{endpoints}", first, address, order) == "host2.unilans.net:18081,host1.unilans.net:18081");
  CHECK(fill_placeholders("{endpoints}", first, address) == "host1.unilans.net:18081");
  CHECK(fill_placeholders("<{instance}>", second, address) == "<>");
}

TEST_CASE("endpoint command: the free text of an instance is no option and no part of a script",
          "[connect][exec][fault-L30][fault-O31]") {
  const auto is_unsafe = [](std::string_view instance, std::string_view text) {
    endpoint e = host1();
    e.instances = {name::from_text(std::string(instance) + "._x._tcp.a.").value()};
    return is_unsafe_instance(text, e);
  };
  CHECK_FALSE(is_unsafe("My\\032Shop", "--name={instance}"));
  CHECK_FALSE(is_unsafe("Caf\xc3\xa9", "echo {instance}"));
  CHECK_FALSE(is_unsafe("-x", "--name={instance}"));
  CHECK(is_unsafe("-x", "{instance}"));
  CHECK(is_unsafe("-x", "{instance},y"));
  for (const char* const hostile : {"$(id)", "`id`", "a;id", "a&id", "a|id", "a>b", "a'b", "a\"b", "a*"}) {
    INFO(hostile);
    CHECK(is_unsafe(hostile, "echo {instance}"));
    CHECK_FALSE(is_unsafe(hostile, "{instance}"));
    CHECK_FALSE(is_unsafe(hostile, "echo {host}"));
  }
}

TEST_CASE("endpoint command: the endpoint becomes variables", "[connect][exec]") {
  using variables = std::vector<std::pair<std::string, std::string>>;
  CHECK(endpoint_variables(host1(), address) == variables{{"SD_HOST", "host1.unilans.net"},
                                                          {"SD_PORT", "18081"},
                                                          {"SD_ADDR", "127.0.0.11"},
                                                          {"SD_HOSTPORT", "host1.unilans.net:18081"},
                                                          {"SD_ADDRPORT", "127.0.0.11:18081"},
                                                          {"SD_PRIORITY", "0"},
                                                          {"SD_WEIGHT", "0"},
                                                          {"SD_ENDPOINTS", "host1.unilans.net:18081"}});
}

TEST_CASE("endpoint command: inherited variables that would pass for ours are recognised", "[connect][exec]") {
  endpoint named = host1();
  named.instances = {name::from_text("a._x._tcp.b").value()};
  for (const auto& [variable, value] : endpoint_variables(named, address)) CHECK(is_endpoint_variable(variable));
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
