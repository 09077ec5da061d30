#include "sd-connect/commands/exec_environment.hpp"

#include "support/name_of.hpp"

#include <catch2/catch.hpp>

#include <span>
#include <string>
#include <vector>

using sdconnect::ip_address;
using sdconnect::txt_record;
using sdconnect::cli::exec_target;
using sdconnect::cli::make_exec_environment;
using sdconnect::test::name_of;

namespace {

txt_record txt(const std::vector<std::string>& strings) {
  std::vector<std::uint8_t> rdata;
  for (const std::string& s : strings) {
    rdata.push_back(static_cast<std::uint8_t>(s.size()));
    rdata.insert(rdata.end(), s.begin(), s.end());
  }
  return txt_record::from_rdata(rdata).value();
}

exec_target target_with(const std::vector<std::string>& strings) {
  exec_target target;
  target.where.target = name_of("host1.unilans.net.");
  target.where.port = 18081;
  target.where.instances = {name_of("_V1._theservice._tcp.unilans.net")};
  target.address = ip_address::from_text("127.0.0.11").value();
  sdconnect::service found;
  found.instances.resize(2);
  found.instances[0].fullname = name_of("_v2._theservice._tcp.unilans.net");
  found.instances[0].txt = txt({"not=ours"});
  found.instances[1].fullname = name_of("_v1._theservice._tcp.unilans.net");
  found.instances[1].txt = txt(strings);
  target.found = std::make_shared<const sdconnect::service>(std::move(found));
  return target;
}

using variables = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("exec: the endpoint and the TXT pairs of its instance become variables", "[cli][exec]") {
  const auto environment =
      make_exec_environment(target_with({"txtvers=1", "flag", "empty=", "a-b.c=x=y", "UTF=\xc3\xa9"}));
  CHECK(environment.warnings.empty());
  CHECK(environment.variables == variables{{"SD_HOST", "host1.unilans.net"},
                                           {"SD_PORT", "18081"},
                                           {"SD_ADDR", "127.0.0.11"},
                                           {"SD_HOSTPORT", "host1.unilans.net:18081"},
                                           {"SD_ADDRPORT", "127.0.0.11:18081"},
                                           {"SD_PRIORITY", "0"},
                                           {"SD_WEIGHT", "0"},
                                           {"SD_ENDPOINTS", "host1.unilans.net:18081"},
                                           {"SD_INSTANCE", "_V1._theservice._tcp.unilans.net"},
                                           {"SD_TXT_TXTVERS", "1"},
                                           {"SD_TXT_FLAG", ""},
                                           {"SD_TXT_EMPTY", ""},
                                           {"SD_TXT_A_B_C", "x=y"},
                                           {"SD_TXT_UTF", "\xc3\xa9"}});
}

TEST_CASE("exec: values that no variable can hold and keys that collide are left out with a warning",
          "[cli][exec][fault-T7]") {
  const auto environment = make_exec_environment(target_with({std::string("nul=a\0b", 7), "a-b=1", "a_b=2"}));
  CHECK(environment.variables.size() == 10);
  CHECK(environment.variables.back() == std::pair<std::string, std::string>("SD_TXT_A_B", "1"));
  REQUIRE(environment.warnings.size() == 2);
  CHECK(environment.warnings[0].find("nul") != std::string::npos);
  CHECK(environment.warnings[1].find("a_b") != std::string::npos);
}

TEST_CASE("exec: without an instance there is no SD_INSTANCE", "[cli][exec]") {
  exec_target target = target_with({"a=b"});
  target.where.instances.clear();
  for (const auto& [key, value] : make_exec_environment(target).variables) CHECK(key != "SD_INSTANCE");
}

TEST_CASE("exec: an order too long for a variable is left out with a warning", "[cli][exec][fault-O31]") {
  exec_target target = target_with({});
  target.order.assign(6000, target.where);  // 24 octets each
  const auto environment = make_exec_environment(target);
  for (const auto& [key, value] : environment.variables) CHECK(key != "SD_ENDPOINTS");
  REQUIRE(environment.warnings.size() == 1);
  CHECK(environment.warnings[0] == "SD_ENDPOINTS left out: 6000 endpoints are too many for a variable");
}
