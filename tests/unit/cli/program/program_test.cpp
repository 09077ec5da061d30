#include "lab/background.hpp"
#include "support/forging_server.hpp"
#include "unit/cli/found_service.hpp"
#include "unit/cli/zone_scene.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
namespace asio = boost::asio;
namespace json = boost::json;

TEST_CASE("program: resolve by name and by the article's flags", "[cli]") {
  const zone_scene ask(article);
  const ran by_name = ask({"resolve", "_v1._theservice._tcp.unilans.net", "-o", "short"});
  CHECK(by_name.code == 0);
  CHECK(by_name.err.empty());
  CHECK(by_name.out == "host1.unilans.net:18081\nhost2.unilans.net:18082\nhost100.unilans.net:18083\n");

  const ran by_flags =
      ask({"resolve", "-z", "unilans.net.", "-s", "theService", "-p", "tcp", "-v", "v2", "-o", "short"});
  CHECK(by_flags.out == "host3.unilans.net:18084\n");
}

TEST_CASE("program: resolve --json with TXT conditions", "[cli][json]") {
  const zone_scene ask(article);
  const ran done = ask({"resolve", "_theService._tcp.unilans.net", "--txt", "proto=2", "--json"});
  const json::value read = json::parse(done.out);
  CHECK(read.at("kind").as_string() == "type");
  CHECK(read.at("instances").as_array().size() == 1);
  CHECK(read.at("instances").at(0).at("label").as_string() == "_v2");
  CHECK(read.at("endpoints").as_array().size() == 1);
}

TEST_CASE("program: what does not exist is valid JSON, one line on stderr and 68", "[cli][json]") {
  const zone_scene ask(article);
  for (const char* name : {"_absent._tcp.unilans.net", "host1.unilans.net"}) {
    const ran done = ask({"resolve", name, "--json"});
    check_failure(done, 68);
    const json::value read = json::parse(done.out);
    CHECK(read.at("endpoints").as_array().empty());
    CHECK_THAT(done.err, Contains(name));
  }
  check_failure(ask({"resolve", "_none._tcp.unilans.net"}), 68);
  check_failure(ask({"browse", "_absent._tcp.unilans.net"}), 68);
  check_failure(ask({"browse", "-z", "sub.unilans.net"}), 68);
  check_failure(ask({"browse", "--domains", "-z", "sub.unilans.net"}), 68);
  check_failure(ask({"pick", "_absent._tcp.unilans.net"}), 68);
  check_failure(ask({"resolve", "_theService._tcp.unilans.net", "--instance", "_v3"}), 68);
}

TEST_CASE("program: unusable records are 65 and say what is wrong", "[cli][fault-S5]") {
  const zone_scene ask(article);
  const ran done = ask({"resolve", "_ports._tcp.unilans.net"});
  check_failure(done, 65);
  CHECK_THAT(done.err, Contains("port 0"));
}

TEST_CASE("program: outside the zone nobody answers, 75, and stdout does not say that there is nothing", "[cli]") {
  const zone_scene ask(article);
  const ran done = ask({"resolve", "_x._tcp.elsewhere.example", "-o", "short"});
  check_failure(done, 75);
  CHECK(done.out.empty());
}

TEST_CASE("program: with --json a failure is one object on stdout in every command that prints JSON",
          "[cli][json][fault-O35]") {
  const zone_scene ask(article);
  struct row {
    words given;
    int code;
    const char* query;
  };
  for (const row& r : {
           row{{"resolve", "_x._tcp.elsewhere.example"}, 75, "_x._tcp.elsewhere.example."},
           row{{"browse", "_x._tcp.elsewhere.example"}, 75, "_x._tcp.elsewhere.example."},
           row{{"pick", "_x._tcp.elsewhere.example"}, 75, "_x._tcp.elsewhere.example."},
           row{{"check", "_x._tcp.elsewhere.example"}, 75, "_x._tcp.elsewhere.example."},
           row{{"watch", "_x._tcp.elsewhere.example", "--timeout", "1"}, 75, "_x._tcp.elsewhere.example."},
           row{{"browse", "-z", "elsewhere.example"}, 75, "_services._dns-sd._udp.elsewhere.example."},
           row{{"browse", "--domains", "-z", "elsewhere.example"}, 75, "elsewhere.example."},
           row{{"resolve", "_absent._tcp.unilans.net"}, 68, "_absent._tcp.unilans.net."},
           row{{"resolve", "_none._tcp.unilans.net"}, 68, "_none._tcp.unilans.net."},
           row{{"resolve", "_ports._tcp.unilans.net"}, 65, "_ports._tcp.unilans.net."},
           row{{"pick", "_absent._tcp.unilans.net"}, 68, "_absent._tcp.unilans.net."},
           row{{"check", "_absent._tcp.unilans.net"}, 68, "_absent._tcp.unilans.net."},
           row{{"browse", "_absent._tcp.unilans.net"}, 68, "_absent._tcp.unilans.net."},
           row{{"browse", "-z", "sub.unilans.net"}, 68, "_services._dns-sd._udp.sub.unilans.net."},
           row{{"browse", "--domains", "-z", "sub.unilans.net"}, 68, "sub.unilans.net."},
           row{{"browse", "_theService._tcp.unilans.net", "--instance", "x"}, 68, "_theService._tcp.unilans.net."},
           row{{"resolve", "_theService._tcp.unilans.net", "--require-authenticated"},
               77,
               "_theService._tcp.unilans.net."},
           row{{"check", "_dgram._udp.unilans.net"}, 64, "_dgram._udp.unilans.net."},
           row{{"resolve", "a..b"}, 64, nullptr},
           row{{"resolve"}, 64, nullptr},
           row{{"resolve", "a.b.c", "--timeout", "soon"}, 64, nullptr},
           row{{"resolve", "a.b.c", "--no-such"}, 64, nullptr},
           row{{"resolve", "a.b.c", "--config", "/nonexistent/config.toml"}, 66, nullptr},
       }) {
    words given = r.given;
    given.insert(given.end(), {"--json", "-q"});
    const ran done = ask(given);
    check_failure(done, r.code);
    REQUIRE(std::count(done.out.begin(), done.out.end(), '\n') == 1);
    const json::value read = json::parse(done.out);
    CHECK(read.at("schema").to_number<int>() == 1);
    if (r.query != nullptr)
      CHECK(read.at("query").as_string() == r.query);
    else
      CHECK(read.at("query").is_null());
    CHECK(read.at("error").at("code").to_number<int>() == r.code);
    const std::string what(read.at("error").at("what").as_string());
    CHECK_THAT(done.err, StartsWith("sd-connect: " + what));
    if (read.at("error").at("where").is_string())
      CHECK_THAT(done.err, Contains(std::string(read.at("error").at("where").as_string())));
  }
  // The data of the other commands are not JSON.
  CHECK(ask({"get", "_absent._tcp.unilans.net", "--json"}).out.empty());
  CHECK(ask({"_absent._tcp.unilans.net", "--json"}).out.empty());
}

TEST_CASE("program: check --json of endpoints that are down tells both", "[cli][json][fault-O35]") {
  const zone_scene ask("_x._tcp SRV 0 0 1 host1\nhost1 A 127.0.0.11\n");
  const json::value read = json::parse(ask({"check", "_x._tcp.unilans.net", "--json"}).out);
  CHECK_FALSE(read.at("endpoints").at(0).at("ok").as_bool());
  CHECK(read.at("error").at("code").to_number<int>() == 69);
  CHECK(read.at("error").at("what").as_string() == "1 of 1 endpoints down");
}

TEST_CASE("program: --explain tells of every record set that was not asked for", "[cli][fault-O39]") {
  const auto served = std::make_shared<const zone>(*zone::parse(std::string(head) + article));
  lab::background thread;
  test::forging_server server(thread.executor(), test::zone_forger(served));
  const std::string where = "127.0.0.1#" + std::to_string(server.port());
  const ran done = run({"resolve", "_theService._tcp.unilans.net", "-v", "v1", "--explain", "--server", where.c_str()});
  INFO(done.err);
  CHECK(done.code == 0);
  // Each record set used was asked for, or came along.
  for (const char* set : {"_v1._theservice._tcp.unilans.net. SRV", "_v1._theservice._tcp.unilans.net. TXT",
                          "host1.unilans.net. A", "host2.unilans.net. A", "host100.unilans.net. A"})
    CHECK_THAT(done.err, Contains("  " + std::string(set)));
}

TEST_CASE("program: browse", "[cli]") {
  const zone_scene ask(article);
  CHECK(ask({"browse", "-z", "unilans.net", "-o", "short"}).out == "_theService._tcp.unilans.net\n");
  CHECK(ask({"browse", "_theService._tcp", "-z", "unilans.net", "-o", "short"}).out ==
        "_v1._theservice._tcp.unilans.net\n_v2._theservice._tcp.unilans.net\n");
  CHECK(ask({"browse", "--domains", "-z", "unilans.net", "-o", "csv"}).out ==
        "name,kinds,ttl_s\r\nunilans.net,b lb,60\r\n");
}

TEST_CASE("program: browse with --same-domain leaves out what lies elsewhere", "[cli][fault-N12]") {
  const zone_scene ask(
      "_x._tcp PTR here._x._tcp\n_x._tcp PTR there._x._tcp.example.net.\n_y._tcp PTR y._y._tcp.example.net.\n");
  const ran done = ask({"browse", "_x._tcp.unilans.net", "--same-domain", "-o", "short"});
  CHECK(done.out == "here._x._tcp.unilans.net\n");
  CHECK_THAT(done.err, Contains("1 name(s) outside unilans.net. refused"));
  check_failure(ask({"browse", "_y._tcp.unilans.net", "--same-domain", "-q"}), 77);
}

TEST_CASE("program: pick is reproducible with a seed, and takes UDP services", "[cli]") {
  const zone_scene ask(article);
  const words given{"pick", "_v1._theservice._tcp.unilans.net", "-n", "1000", "--seed", "5", "--json"};
  const ran first = ask(given);
  CHECK(first.code == 0);
  CHECK(first.out == ask(given).out);
  CHECK(json::parse(first.out).at("picks").to_number<int>() == 1000);
  CHECK(ask({"pick", "_dgram._udp.unilans.net"}).out == "host1.unilans.net:53\n");
}

TEST_CASE("program: relay, get and check refuse UDP services", "[cli]") {
  const zone_scene ask(article);
  check_failure(ask({"_dgram._udp.unilans.net"}), 64);
  check_failure(ask({"get", "_dgram._udp.unilans.net"}), 64);
  check_failure(ask({"check", "_dgram._udp.unilans.net"}), 64);
}

TEST_CASE("program: check tries every endpoint, 0 only if all are well", "[cli]") {
  asio::io_context io;
  asio::ip::tcp::acceptor up(io, {asio::ip::make_address("127.0.0.1"), 0});
  const unsigned port = up.local_endpoint().port();
  std::string records = fmt::format("_up._tcp SRV 0 0 {} here\nhere A 127.0.0.1\n", port);
  // Bound and not listening: the kernel refuses connections, and no other program gets the port.
  asio::ip::tcp::socket down(io, asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  records += fmt::format("_half._tcp SRV 0 0 {} here\n_half._tcp SRV 0 0 {} here\n_half._tcp SRV 0 0 {} nowhere\n",
                         port, down.local_endpoint().port(), port);
  const zone_scene ask(records);

  const ran well = ask({"check", "_up._tcp.unilans.net", "--json"});
  CHECK(well.code == 0);
  CHECK(json::parse(well.out).at("endpoints").at(0).at("ok").as_bool());
  CHECK(json::parse(well.out).at("endpoints").at(0).at("address").as_string() == "127.0.0.1");

  const ran half = ask({"check", "_half._tcp.unilans.net", "-q", "--json"});
  check_failure(half, 69);
  CHECK_THAT(half.err, Contains("2 of 3 endpoints down"));
  int refused = 0;
  const json::value read = json::parse(half.out);
  for (const json::value& e : read.at("endpoints").as_array())
    refused += e.at("error").is_string() && e.at("error").as_string() == "Connection refused";
  CHECK(refused == 1);
}

TEST_CASE("program: check goes through more endpoints than it tries at once", "[cli]") {
  asio::io_context io;
  asio::ip::tcp::acceptor up(io, {asio::ip::make_address("127.0.0.1"), 0});
  up.listen(1000);
  std::string records;
  for (int i = 1; i <= 200; ++i)
    records += fmt::format("_many._tcp SRV 0 0 {} h{}\nh{} A 127.0.0.1\n", up.local_endpoint().port(), i, i);
  const zone_scene ask(records);
  const ran done = ask({"check", "_many._tcp.unilans.net", "-o", "short"});
  INFO(done.err);
  CHECK(done.code == 0);
  CHECK(std::count(done.out.begin(), done.out.end(), '\n') == 200);
}

TEST_CASE("program: --explain is on stderr, one JSON object with --json", "[cli][json]") {
  const zone_scene ask(article);
  const ran text = ask({"resolve", "_theService._tcp.unilans.net", "--explain"});
  CHECK_THAT(text.err, Contains("is a service type"));
  for (const words& given :
       {words{"resolve", "_theService._tcp.unilans.net"}, words{"browse", "-z", "unilans.net"},
        words{"browse", "--domains", "-z", "unilans.net"}, words{"pick", "_theService._tcp.unilans.net"}}) {
    words more = given;
    more.insert(more.end(), {"--explain", "--json"});
    const ran done = ask(more);
    CHECK(done.code == 0);
    CHECK(json::parse(done.err).at("queries").is_array());
    CHECK(json::parse(done.out).at("schema").to_number<int>() == 1);
  }
}

TEST_CASE("program: a reader that went away is 74 without a word, a full disk 74 with one", "[cli][fault-L19]") {
  const zone_scene ask(article);
  const ran full = run({"--help"}, "/dev/full");
  CHECK(full.code == 74);
  CHECK_THAT(full.err, Contains("cannot write: standard output: No space left on device"));

  int ends[2];
  REQUIRE(pipe(ends) == 0);
  close(ends[0]);
  // Opening a pipe for writing needs a reader, so the test duplicates the descriptor.
  std::fflush(nullptr);
  const int saved = dup(STDOUT_FILENO);
  dup2(ends[1], STDOUT_FILENO);
  close(ends[1]);
  const char* given[] = {"sd-connect", "--help"};
  const int code = cli::run_program(cli::sd_connect(), 2, given);
  std::fflush(nullptr);
  dup2(saved, STDOUT_FILENO);
  close(saved);
  CHECK(code == 74);
}

TEST_CASE("program: a name server that cannot be reached is 75", "[cli][fault-X17]") {
  const ran done = run({"resolve", "_x._tcp.unilans.net", "--server", "127.0.0.1#9", "--timeout", "300ms"});
  check_failure(done, 75);
  CHECK_THAT(done.err, Contains("127.0.0.1#9"));
}

TEST_CASE("program: hostile records reach neither stdout nor stderr raw", "[cli][fault-N4][fault-N6]") {
  const zone_scene ask(
      "_http._tcp PTR Pr\\027[31m\\000\\013\\010\\226\\128\\174x._http._tcp\n"
      "Pr\\027[31m\\000\\013\\010\\226\\128\\174x._http._tcp SRV 0 0 80 h\\027[2J\n"
      "Pr\\027[31m\\000\\013\\010\\226\\128\\174x._http._tcp TXT \"k=\\027[31m\" \"nul=\\000\\255\"\n");
  for (const char* format : {"table", "json", "short"}) {
    for (const words& given : {words{"resolve", "_http._tcp.unilans.net"}, words{"browse", "_http._tcp.unilans.net"},
                               words{"pick", "_http._tcp.unilans.net"}, words{"check", "_http._tcp.unilans.net"}}) {
      words more = given;
      more.insert(more.end(), {"-o", format, "--explain", "--verbose"});
      const ran done = ask(more);
      CHECK(is_harmless(done.out));
      CHECK(is_harmless(done.err));
    }
  }
}
