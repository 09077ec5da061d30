// Which names the command line accepts, and its advice for the others.
#include "unit/cli/command_line.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using cli::exit_code;

TEST_CASE("command line: how to watch", "[cli][watch]") {
  const cli::options opts = parse({"watch", "a.b.c"});
  CHECK_FALSE(opts.most_changes);
  CHECK(opts.min_interval == 5s);
  const cli::options more = parse({"watch", "-z", "x.y", "-s", "http", "-p", "udp", "-n", "3", "--min-interval", "1s"});
  CHECK(more.query->qname.to_text() == "_http._udp.x.y.");
  CHECK(more.most_changes == 3);
  CHECK(more.picks == 1);
  CHECK(more.min_interval == 1s);
}

TEST_CASE("command line: --require-authenticated and --randomize-case are options of every command", "[cli]") {
  for (const char* command : {"resolve", "get", "pick", "check", "watch"}) {
    const cli::options opts = parse({command, "a.b.c", "--require-authenticated", "--randomize-case"});
    CHECK(opts.query->require_authenticated);
    CHECK(opts.randomize_case);
    CHECK_FALSE(parse({command, "a.b.c"}).query->require_authenticated);
  }
  CHECK(parse({"browse", "-z", "x.y", "--require-authenticated"}).require_authenticated);
}

TEST_CASE("command line: names of services may hold UTF-8, names of hosts only A-labels",
          "[cli][fault-N10][rfc-check-9]") {
  CHECK(parse({"resolve", "Büro._ipp._tcp.bücher.example"}).query->qname.to_text() == "Büro._ipp._tcp.bücher.example.");
  CHECK(parse({"browse", "-z", "bücher.example"}).zone->to_text() == "bücher.example.");
  CHECK_NOTHROW(parse({"resolve", "xn--bcher-kva.example", "--default-port", "80"}));
  for (const words& given :
       {words{"resolve", "bücher.example", "--default-port", "80"}, words{"bücher.example"},
        words{"resolve", "b\\252cher.example"}, words{"get", "a.b.c", "--tls", "--tls-name", "bücher.example"}}) {
    const refusal refused = refusal_of(given);
    INFO(refused.line);
    CHECK(refused.code == exit_code::usage);
    CHECK_THAT(refused.line, Contains("not a host name") && Contains("xn--"));
  }
}

TEST_CASE("command line: what to browse", "[cli]") {
  const auto type_of = [](const words& given) { return parse(given).browse_type->to_text(); };
  CHECK(type_of({"browse", "_http._tcp.x.y"}) == "_http._tcp.x.y.");
  CHECK(type_of({"browse", "_http._tcp", "-z", "x.y"}) == "_http._tcp.x.y.");
  CHECK(type_of({"browse", "_http._tcp.X.Y", "-z", "x.y"}) == "_http._tcp.X.Y.");
  CHECK(type_of({"browse", "_http._tcp.a.b.", "-z", "x.y"}) == "_http._tcp.a.b.");
  CHECK(type_of({"browse", "-z", "x.y", "-s", "http", "-p", "tcp"}) == "_http._tcp.x.y.");
  CHECK(type_of({"browse", "_http._tcp.x.y", "--subtype", "_printer"}) == "_printer._sub._http._tcp.x.y.");

  const cli::options types = parse({"browse", "-z", "x.y"});
  CHECK_FALSE(types.browse_type);
  CHECK(types.zone->to_text() == "x.y.");
  CHECK(parse({"browse", "--domains", "-z", "x.y"}).domains);
  const cli::options own = parse({"browse", "--domains"});
  CHECK((own.domains && !own.zone));

  CHECK_FALSE(parse({"browse", "_http._tcp.x.y", "--subtype", "_printer"}).query);
  const cli::options narrowed = parse(
      {"browse", "_http._tcp.x.y", "--subtype", "_s", "--txt", "k=v", "--instance", "a", "-v", "1", "--timeout", "3s"});
  CHECK(narrowed.query->qname.to_text() == "_s._sub._http._tcp.x.y.");
  CHECK(narrowed.query->txt.size() == 1);
  CHECK(narrowed.query->instance == "a");
  CHECK(narrowed.query->version == "1");
  CHECK(narrowed.query->timeout == 3s);
}

TEST_CASE("command line: a service takes no port, its SRV records tell it", "[cli][rfc2782][rfc-check-52]") {
  const refusal refused = refusal_of({"resolve", "_http._tcp.x.y:80"});
  CHECK(refused.code == exit_code::usage);
  CHECK_THAT(refused.line, Contains("port") && Contains("write '_http._tcp.x.y'"));
  CHECK_NOTHROW(parse({"resolve", "a:80._http._tcp.x.y"}));  // an instance may have this name
}

TEST_CASE("command line: names below .local are names like any other", "[cli][fault-O16]") {
  CHECK(parse({"resolve", "_grpc._tcp.store.monitoring.svc.cluster.local"}).query);
  CHECK(parse({"a.LOCAL."}).query);
  CHECK(parse({"browse", "_http._tcp.corp.local"}).browse_type);
  CHECK(parse({"browse", "-z", "local"}).zone);
  CHECK(parse({"-z", "local", "-s", "http", "-p", "tcp"}).query->qname.to_text() == "_http._tcp.local.");
}
