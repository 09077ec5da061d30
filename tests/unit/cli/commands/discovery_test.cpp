// Options that narrow, browse and authenticate, tested through the whole program.
#include "lab/background.hpp"
#include "sdconnect/resolver/own_domains.hpp"
#include "support/forging_server.hpp"
#include "unit/cli/zone_scene.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <memory>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using Catch::Matchers::Contains;
namespace json = boost::json;

TEST_CASE("program: browse narrows a type by --subtype, --txt, --instance and -v", "[cli][rfc-check-11]") {
  const zone_scene ask(
      "_x._tcp PTR a._x._tcp\n_x._tcp PTR _b._x._tcp\n_x._tcp PTR bare._x._tcp\n_s._sub._x._tcp PTR _b._x._tcp\n"
      "a._x._tcp SRV 0 0 80 nowhere\na._x._tcp TXT \"colour=red\"\n"
      "_b._x._tcp SRV 0 0 80 nowhere\n_b._x._tcp TXT \"colour=blue\" \"duplex\"\n"
      "bare._x._tcp TXT \"colour=red\"\n_plain._tcp SRV 0 0 80 nowhere\n");
  const auto browse = [&](std::vector<const char*> more) {
    more.insert(more.begin(), {"browse", "_x._tcp.unilans.net", "-o", "short"});
    return ask(std::move(more));
  };
  // Browsing does not check whether clients can connect: these targets do not exist, and one
  // instance has no SRV record.
  const ran red = browse({"--txt", "colour=red", "-q"});
  INFO(red.err);
  CHECK(red.code == 0);
  CHECK(red.out == "a._x._tcp.unilans.net\nbare._x._tcp.unilans.net\n");
  CHECK(browse({"--txt", "duplex"}).out == "_b._x._tcp.unilans.net\n");
  CHECK(browse({"--instance", "A"}).out == "a._x._tcp.unilans.net\n");
  CHECK(browse({"-v", "b"}).out == "_b._x._tcp.unilans.net\n");
  CHECK(browse({"--subtype", "_s"}).out == "_b._x._tcp.unilans.net\n");
  CHECK(browse({"--subtype", "_s", "--txt", "colour=blue"}).out == "_b._x._tcp.unilans.net\n");
  check_failure(browse({"--subtype", "_s", "--txt", "colour=red", "-q"}), 68);
  check_failure(browse({"--instance", "none"}), 68);
  check_failure(ask({"browse", "_plain._tcp.unilans.net", "--txt", "colour", "-q"}), 68);
  check_failure(ask({"browse", "_x._tcp.elsewhere.example", "--txt", "colour"}), 75);
}

TEST_CASE("program: browse --domains without a zone asks for those of the host's own networks", "[cli][rfc-check-14]") {
  const std::vector<name> networks = network_domains(own_addresses());
  std::string records;
  for (const name& network : networks) records += "lb._dns-sd._udp." + network.to_text() + " PTR example.com.\n";
  const scratch_folder folder;
  const std::string server =
      "file:" +
      folder.file("arpa.zone", "$ORIGIN arpa.\n$TTL 60\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n" + records);
  const ran done = run({"browse", "--domains", "-o", "csv", "--server", server.c_str()});
  if (networks.empty()) return check_failure(done, 68);
  INFO(done.err);
  CHECK(done.code == 0);
  CHECK(done.out == "name,kinds,ttl_s\r\nexample.com,lb,60\r\n");
}

TEST_CASE("program: --require-authenticated refuses what nobody proved, 77", "[cli]") {
  const zone_scene ask(article);
  for (const words& given :
       {words{"resolve", "_theService._tcp.unilans.net"}, words{"pick", "_theService._tcp.unilans.net"},
        words{"_v1._theservice._tcp.unilans.net"}, words{"browse", "_theService._tcp.unilans.net"},
        words{"browse", "_absent._tcp.unilans.net"}, words{"browse", "-z", "unilans.net"},
        words{"browse", "--domains", "-z", "unilans.net"}, words{"resolve", "_absent._tcp.unilans.net"}}) {
    words more = given;
    more.insert(more.end(), {"--require-authenticated", "-q"});
    const ran done = ask(more);
    check_failure(done, 77);
    CHECK(done.out.empty());
    CHECK_THAT(done.err, Contains("not authenticated") && Contains("leave out --require-authenticated"));
  }
}

TEST_CASE("program: the AD bit of a loopback server makes a service authenticated", "[cli][json]") {
  const auto served = std::make_shared<const zone>(*zone::parse(std::string(head) + article));
  lab::background thread;
  test::forging_server server(thread.executor(), [answer = test::zone_forger(served)](auto query, lab::transport over) {
    std::vector<test::reply> replies = answer(query, over);
    for (test::reply& reply : replies) reply.octets[3] |= 0x20;  // AD, RFC 4035 §3.2.3
    return replies;
  });
  const std::string where = "127.0.0.1#" + std::to_string(server.port());
  for (const words& given :
       {words{"resolve", "_theService._tcp.unilans.net"}, words{"browse", "_theService._tcp.unilans.net"},
        words{"watch", "_theService._tcp.unilans.net", "-n", "1"}}) {
    words more = given;
    more.insert(more.end(), {"--require-authenticated", "--json", "--server", where.c_str()});
    const ran done = run(more);
    INFO(done.err);
    CHECK(done.code == 0);
    CHECK(json::parse(done.out).at("authenticated").as_bool());
  }
  CHECK_THAT(run({"resolve", "_theService._tcp.unilans.net", "--explain", "--server", where.c_str()}).err,
             Contains("DNSSEC: every answer was authenticated"));
}

TEST_CASE("program: the longest times that its options take are waited for by nobody who has an answer",
          "[cli][fault-O36]") {
  const zone_scene ask(article);
  const auto longest = [&](words given) {
    given.insert(given.end(), {"--timeout", "24h"});
    return ask(given).code;
  };
  CHECK(longest({"resolve", "_v1._theservice._tcp.unilans.net"}) == 0);
  CHECK(longest({"browse", "_theService._tcp.unilans.net"}) == 0);
  CHECK(longest({"pick", "_v1._theservice._tcp.unilans.net"}) == 0);
  CHECK(longest({"watch", "_v1._theservice._tcp.unilans.net", "-n", "1", "--min-interval", "24h"}) == 0);
  CHECK(longest({"resolve", "_none._tcp.unilans.net"}) == 68);
  // No server listens there: the kernel refuses at once.
  const zone_scene closed("_x._tcp SRV 0 0 1 host1\nhost1 A 127.0.0.11\n");
  const words limits{"--timeout", "24h", "--connect-timeout", "24h"};
  for (const words& given : {words{"get", "_x._tcp.unilans.net"}, words{"check", "_x._tcp.unilans.net"}}) {
    words more = given;
    more.insert(more.end(), limits.begin(), limits.end());
    CHECK(closed(more).code == 69);
  }
}
