#include "net/tls/client_stream.hpp"
#include "sd-connect/explain/failures.hpp"
#include "unit/cli/command_line.hpp"
#include "unit/cli/found_service.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using Catch::Matchers::Contains;
using cli::exit_code;

TEST_CASE("report: quotes are escaped, and long text is cut between characters", "[cli][fault-N9]") {
  CHECK(cli::in_quotes("a b") == "'a b'");
  CHECK(cli::in_quotes(hostile_octets) == "'" + std::string(hostile_shown) + "'");
  CHECK(cli::in_quotes(std::string(100'000, 'x')) == "'" + std::string(80, 'x') + "...'");
  std::string umlauts = "x";
  for (int i = 0; i < 60; ++i) umlauts += "\xc3\xa4";
  const std::string cut = cli::in_quotes(umlauts);
  CHECK(cut.size() == 1 + 79 + 4);
  CHECK(cut.find('\\') == std::string::npos);
}

TEST_CASE("report: what, where and what to do are joined by colons, empty parts left out", "[cli]") {
  CHECK(std::string(cli::fail(exit_code::usage, "what", "where", "hint").what()) == "what: where: hint");
  CHECK(std::string(cli::fail(exit_code::usage, "what", {}, "hint").what()) == "what: hint");
  CHECK(cli::fail(exit_code::protocol, "what").code() == exit_code::protocol);
}

TEST_CASE("report: a name that does not exist", "[cli]") {
  const cli::options opts = parse({"resolve", "_x._tcp.example.com"});
  service found;
  found.query = name_of("_x._tcp.example.com");
  found.server = "192.0.2.1#53";
  const cli::failure f = resolve_failure(opts, errc::nxdomain, found);
  CHECK(f.code() == exit_code::no_service);
  CHECK_THAT(f.what(), Contains("no such name: _x._tcp.example.com. at 192.0.2.1#53: "));
}

TEST_CASE("report: instances without endpoints are named, each with its reason", "[cli][fault-O27]") {
  const cli::options opts = parse({"resolve", "_x._tcp.example.com"});
  service found;
  found.query = name_of("_x._tcp.example.com");
  found.kind = service_kind::type;
  found.server = "192.0.2.1#53";
  const auto add = [&found](const char* fullname, errc status) {
    service_instance& instance = found.instances.emplace_back();
    instance.fullname = name_of(fullname);
    instance.status = status;
  };
  add("_v1._x._tcp.example.com", errc::no_data);
  CHECK_THAT(resolve_failure(opts, errc::no_data, found).what(),
             Contains("no endpoint has joined: _v1._x._tcp.example.com. has no SRV record at 192.0.2.1#53: "));
  add("gone._x._tcp.example.com", errc::nxdomain);
  add("off._x._tcp.example.com", errc::service_unavailable);
  for (const char* more : {"b._x._tcp.example.com", "c._x._tcp.example.com"}) add(more, errc::no_data);
  const cli::failure f = resolve_failure(opts, errc::nxdomain, found);
  CHECK(f.code() == exit_code::no_service);
  CHECK_THAT(f.what(), Contains("no endpoint has joined: _v1._x._tcp.example.com. has no SRV record, "
                                "gone._x._tcp.example.com. does not exist, off._x._tcp.example.com. has the SRV target "
                                "\".\" and 2 more at 192.0.2.1#53"));
}

TEST_CASE("report: watch is not advised to watch", "[cli][fault-O28]") {
  for (const char* command : {"resolve", "watch"}) {
    const std::string line = cli::resolve_failure(parse({command, "a._x._tcp.b.c"}), errc::no_data, {}).what();
    CHECK((line.find("sd-connect watch") == line.npos) == (command == std::string_view("watch")));
  }
}

TEST_CASE("report: the query that is told does not depend on the order of the answers", "[cli][fault-O28]") {
  const cli::options opts = parse({"resolve", "_x._tcp.example.com"});
  service found;
  found.query = opts.query->qname;
  for (const rr_type type : {rr_type::txt, rr_type::ptr, rr_type::srv}) {
    query_report& report = found.queries.emplace_back();
    report.asked = {found.query, type};
    report.status = errc::server_failure;
    report.attempts = {{"192.0.2.1#53", dns_transport::udp, errc::server_failure, {}, 0},
                       {"192.0.2.1#53", dns_transport::udp, errc::server_failure, {}, 0}};
  }
  CHECK_THAT(resolve_failure(opts, errc::server_failure, found).what(),
             Contains("name server failure: _x._tcp.example.com. SRV at 192.0.2.1#53: try again"));
}

TEST_CASE("report: the hint for no data knows what was asked", "[cli][fault-O28]") {
  service found;
  const auto line = [&found](const words& given) {
    return std::string(cli::resolve_failure(parse(given), errc::no_data, found).what());
  };
  CHECK_THAT(line({"resolve", "a.b.c"}), Contains("a.b.c. has neither SRV nor PTR records") &&
                                             Contains("--default-port N would use its own addresses"));
  CHECK_THAT(line({"resolve", "_x._tcp.b.c"}), Contains("--default-port N would use the addresses of b.c"));
  CHECK_THAT(line({"resolve", "a._x._tcp.b.c"}),
             Contains("no endpoint has joined: a._x._tcp.b.c. has no SRV record") && !Contains("--default-port"));
  CHECK_THAT(line({"resolve", "a.b.c", "--instance", "v1"}), Contains("leave out --instance") && !Contains("-v"));
  CHECK_THAT(line({"resolve", "a.b.c", "-v", "1", "--subtype", "s"}), Contains("leave out -v and --subtype"));
  found.kind = service_kind::address;
  CHECK_THAT(line({"resolve", "a.b.c", "--default-port", "80"}), Contains("a.b.c. has no address"));
  CHECK_THAT(line({"resolve", "a.b.c", "--default-port", "80", "-6"}), Contains("leave out -6"));
}

TEST_CASE("report: where no instance matches, those that exist are named", "[cli][fault-O28]") {
  service found;
  found.query = name_of("_x._tcp.example.com");
  found.server = "192.0.2.1#53";
  const auto line = [&found](const words& given) {
    return std::string(cli::resolve_failure(parse(given), errc::no_matching_instance, found).what());
  };
  for (int i = 0; i < 10; ++i) found.left_out.push_back(name_of("a" + std::to_string(i) + "._x._tcp.example.com"));
  found.left_out_count = 12'345;
  CHECK_THAT(
      line({"resolve", "_x._tcp.example.com", "--instance", "b", "--txt", "k"}),
      Contains("no matching instance: _x._tcp.example.com. has the instances 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', "
               "'a6', 'a7' and 12337 more at 192.0.2.1#53: none matches --instance and --txt"));
  found.left_out = {name_of("My\\032Printer._x._tcp.example.com")};
  found.left_out_count = 1;
  CHECK_THAT(line({"resolve", "_x._tcp.example.com", "-v", "2"}),
             Contains("has the instance 'My Printer' at 192.0.2.1#53: none matches -v") && !Contains("--txt"));
  found.left_out.clear();
  found.left_out_count = 0;
  CHECK_THAT(line({"resolve", "_x._tcp.example.com", "-v", "2"}), Contains("name no instance"));
}

TEST_CASE("report: a name below .local that the name servers do not have may be a multicast name", "[cli][fault-O16]") {
  const cli::options opts = parse({"resolve", "_ipp._tcp.corp.local"});
  service found;
  found.query = opts.query->qname;
  for (const errc no : {errc::nxdomain, errc::no_data, errc::server_refused, errc::server_failure, errc::empty_answer})
    CHECK_THAT(resolve_failure(opts, no, found).what(), Contains("multicast DNS") && Contains("avahi-browse"));
  CHECK_THAT(resolve_failure(opts, errc::query_timed_out, found).what(), !Contains("multicast"));
  const cli::options other = parse({"resolve", "_ipp._tcp.corp.example"});
  found.query = other.query->qname;
  CHECK_THAT(resolve_failure(other, errc::nxdomain, found).what(), !Contains("multicast"));
}

TEST_CASE("report: no answer names the question, each server and what came of it", "[cli]") {
  const cli::options opts = parse({"resolve", "_x._tcp.example.com", "--timeout", "700ms"});
  service found;
  query_report& report = found.queries.emplace_back();
  report.asked = {name_of("_x._tcp.example.com"), rr_type::srv};
  report.status = errc::query_timed_out;
  report.attempts = {{"192.0.2.1#53", dns_transport::udp, errc::query_timed_out, {}, 0},
                     {"192.0.2.2#53", dns_transport::udp, errc::network_failure, {}, 0}};
  const cli::failure f = resolve_failure(opts, errc::query_timed_out, found);
  CHECK(f.code() == exit_code::try_again);
  CHECK_THAT(
      f.what(),
      Contains(
          "_x._tcp.example.com. SRV at 192.0.2.1#53 over UDP: DNS query timed out, 192.0.2.2#53 over UDP: name server "
          "not reachable"));
  CHECK_THAT(f.what(), Contains("700ms"));
}

TEST_CASE("report: what is waited for and is no DNS reply is not called a DNS query", "[cli]") {
  const cli::options opts = parse({"get", "_x._tcp.example.com", "--timeout", "700ms"});
  const cli::failure f = resolve_failure(opts, errc::deadline_passed, {});
  CHECK(f.code() == exit_code::unavailable);
  CHECK_THAT(f.what(), Contains("no answer within the time limit") && Contains("700ms") && !Contains("DNS"));
}

TEST_CASE("report: unusable data are named in the failure itself", "[cli]") {
  const cli::options opts = parse({"get", "_x._tcp.example.com"});
  service found;
  found.warnings = {"1 SRV record with port 0 not used"};
  const cli::failure f = resolve_failure(opts, errc::no_usable_endpoint, found);
  CHECK(f.code() == exit_code::data_unusable);
  CHECK_THAT(f.what(), Contains("1 SRV record with port 0 not used"));
}

TEST_CASE("report: a failed connection names every attempt; before any, the discovery's failure", "[cli]") {
  const cli::options opts = parse({"get", "_x._tcp.example.com"});
  connection tried;
  service asked;
  asked.query = opts.query->qname;
  tried.found = std::make_shared<const service>(asked);
  CHECK_THAT(connect_failure(opts, errc::nxdomain, tried).what(), Contains("no such name: _x._tcp.example.com."));

  tried.attempts = {{0,
                     name_of("host1.example.com"),
                     address_of("127.0.0.11"),
                     80,
                     0,
                     {},
                     {},
                     boost::asio::error::connection_refused}};
  const cli::failure f = connect_failure(opts, errc::unreachable, tried);
  CHECK(f.code() == exit_code::unavailable);
  CHECK_THAT(f.what(), Contains("no endpoint reachable"));
  CHECK_THAT(f.what(), Contains("127.0.0.11:80"));
  CHECK_THAT(f.what(), Contains("_x._tcp.example.com.: host1.example.com. 127.0.0.11:80 (Connection refused)"));
}

TEST_CASE("report: of very many attempts the first 16 are named, so that the line stays one", "[cli]") {
  connection tried;
  for (int i = 0; i < 300; ++i)
    tried.attempts.push_back(
        {0, name_of("h.example.com"), address_of("::1"), 80, 0, {}, {}, boost::asio::error::connection_refused});
  const cli::failure f = connect_failure(parse({"get", "_x._tcp.example.com"}), errc::unreachable, tried);
  CHECK_THAT(f.what(), Contains("h.example.com. [::1]:80 (Connection refused), and 284 more"));
  CHECK(std::string(f.what()).size() < 1000);
}

namespace {

// The failure of one query, for _x._tcp.example.com. SRV.
std::string line_of(error_code status, std::vector<query_attempt> attempts) {
  service found;
  query_report& report = found.queries.emplace_back();
  report.asked = {name_of("_x._tcp.example.com"), rr_type::srv};
  report.status = status;
  report.attempts = std::move(attempts);
  return resolve_failure(parse({"resolve", "_x._tcp.example.com"}), status, found).what();
}

query_attempt over(dns_transport transport, error_code result, std::vector<extended_error> said = {}) {
  return {"192.0.2.1#5353", transport, result, {}, 0, std::move(said)};
}

}  // namespace

TEST_CASE("report: an extended error is told with the server that sent it", "[cli][rfc8914][fault-O15]") {
  const std::vector<extended_error> expired{{7, "since 2026-01-01"}}, two{{22, ""}, {49152, "a\x1b[2Jb"}};
  const query_attempt failed = over(dns_transport::udp, errc::server_failure, expired);
  CHECK_THAT(line_of(errc::server_failure, {failed, failed}),
             Contains("name server failure: _x._tcp.example.com. SRV at 192.0.2.1#5353 (EDE 7 (Signature Expired): "
                      "since 2026-01-01): try again"));
  CHECK_THAT(line_of(errc::server_failure, {failed, over(dns_transport::udp, errc::server_failure, two)}),
             Contains("SRV at 192.0.2.1#5353 (EDE 7 (Signature Expired): since 2026-01-01), 192.0.2.1#5353 (EDE 22 (No "
                      "Reachable Authority), EDE 49152: a\\027[2Jb): try again"));

  service found;
  found.query = name_of("_x._tcp.example.com");
  found.server = "192.0.2.1#53";
  for (const rr_type type : {rr_type::srv, rr_type::ptr}) {
    query_report& report = found.queries.emplace_back();
    report.asked = {found.query, type};
    report.status = errc::nxdomain;
    report.attempts = {{"192.0.2.1#53", dns_transport::udp, {}, {}, 0, {{17, "by policy"}}}};
  }
  CHECK_THAT(resolve_failure(parse({"resolve", "_x._tcp.example.com"}), errc::nxdomain, found).what(),
             Contains("no such name: _x._tcp.example.com. at 192.0.2.1#53 (EDE 17 (Filtered): by policy): "));
}

TEST_CASE("report: attempts that differ are told with transport and result, equal ones once", "[cli][fault-O28]") {
  const query_attempt cut = over(dns_transport::udp, errc::truncated);
  CHECK_THAT(
      line_of(errc::truncated_no_tcp, {cut, over(dns_transport::tcp, boost::asio::error::connection_refused), cut}),
      Contains("SRV at 192.0.2.1#5353 over UDP: answer truncated, 192.0.2.1#5353 over TCP: Connection refused: "
               "let TCP port 5353 through to the name server"));
  CHECK_THAT(line_of(errc::query_timed_out, {over(dns_transport::udp, errc::query_timed_out),
                                             over(dns_transport::tcp, errc::query_timed_out)}),
             Contains("192.0.2.1#5353 over UDP: DNS query timed out, 192.0.2.1#5353 over TCP: DNS query timed out"));
}

TEST_CASE("report: a name server that ends the stream without an answer is broken", "[cli][fault-O28]") {
  const query_attempt cut = over(dns_transport::udp, errc::truncated);
  for (const error_code end : {closed_unanswered(), error_code(boost::asio::error::connection_reset),
                               error_code(errc::malformed_message), error_code(errc::truncated_no_tcp)})
    CHECK_THAT(line_of(errc::truncated_no_tcp, {cut, over(dns_transport::tcp, end)}),
               Contains("the name server is broken") && !Contains("through to"));
}

TEST_CASE("report: a TCP port is asked for only where no connection could be made", "[cli][fault-O28][fault-O2]") {
  const query_attempt cut = over(dns_transport::udp, errc::truncated);
  const query_attempt unconnected = over(dns_transport::tcp, boost::asio::error::timed_out);
  const query_attempt silent = over(dns_transport::tcp, errc::query_timed_out);
  for (const error_code end : {error_code(boost::asio::error::host_unreachable), unconnected.result})
    CHECK_THAT(line_of(errc::truncated_no_tcp, {cut, over(dns_transport::tcp, end)}),
               Contains(end.message() + ": let TCP port 5353"));
  for (const auto& slow : {std::vector{cut, silent}, std::vector{cut, silent, unconnected}})
    CHECK_THAT(line_of(errc::truncated_no_tcp, slow), Contains("raise --timeout (now 5s)") && !Contains("through to"));
}

TEST_CASE("report: a server that ends every stream is running", "[cli][fault-O28][fault-O4]") {
  const auto line = [](dns_transport transport, error_code ec) {
    return line_of(errc::network_failure, {over(transport, ec)});
  };
  CHECK_THAT(line(dns_transport::tls, closed_unanswered()), Contains("gives no answer over TLS; ask another"));
  CHECK_THAT(line(dns_transport::tcp, boost::asio::error::connection_reset), Contains("gives no answer over TCP; ask"));
  for (const auto transport : {dns_transport::udp, dns_transport::tls})
    CHECK_THAT(line(transport, boost::asio::error::connection_refused), Contains("is a name server running there?"));
}

TEST_CASE("report: --default-port is advised for host names only", "[cli][fault-O28][fault-O17]") {
  const auto line = [](const char* name) {
    return std::string(cli::resolve_failure(parse({"resolve", name}), errc::no_data, {}).what());
  };
  CHECK_THAT(line("_x._sctp.b.c"), Contains("--default-port N would use its own addresses"));
  CHECK_THAT(line("My\\032Printer.b.c"), !Contains("--default-port"));
  CHECK_THAT(line("_x._tcp.My\\032Printer.b"), !Contains("--default-port"));
}
