// Which instances of a type a query selects.
#include "unit/resolver/paper_dns.hpp"

#include <catch2/catch.hpp>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;

namespace {

constexpr auto the_type = "_x._tcp.example.com.";

// Instances with a host, port and address each; the n-th has port 8000 + n.
paper_dns instances(const std::vector<std::string>& labels, std::string_view domain = "example.com",
                    std::string_view asked = the_type) {
  paper_dns dns;
  std::vector<std::string> targets;
  std::uint16_t port = 8000;
  for (const std::string& label : labels) {
    const std::string target = label + "._x._tcp." + std::string(domain);
    targets.push_back(target);
    dns.srv(target, {srv_of(0, 0, port++, "h.example.com")}).txt(target, "name=" + label);
  }
  dns.ptr(asked, targets).a("h.example.com", {"192.0.2.1"});
  return dns;
}

std::vector<int> ports_of(const service& s) {
  std::vector<int> ports;
  for (const endpoint& e : s.endpoints) ports.push_back(e.port);
  return ports;
}

}  // namespace

TEST_CASE("walk: a version is a whole label, with or without underscore, never a prefix", "[resolver][rfc-check-1]") {
  paper_dns dns = instances({"v1", "_v1", "v10", "_v10", "xv1", "V2", "_v3", "v1\\.2"});
  service_query query = query_of(the_type);
  const auto ports_for = [&](const char* version) {
    query.version = version;
    return ports_of(conclude(query, dns).found);
  };
  CHECK(ports_for("v1") == std::vector{8000});
  CHECK(ports_for("_v1") == std::vector{8001});
  CHECK(ports_for("v10") == std::vector{8002});
  CHECK(ports_for("v2") == std::vector{8005});
  CHECK(ports_for("v3") == std::vector{8006});
  CHECK(ports_for("v1.2") == std::vector{8007});
  CHECK(ports_for("v").empty());
  query.version = "v9";
  CHECK(conclude(query, dns).status == errc::no_matching_instance);
  CHECK(dns.times_asked_for(rr_type::srv) == 0);
}

TEST_CASE("walk: the instances that conditions exclude are told", "[resolver][fault-O28]") {
  paper_dns dns = instances({"v2", "v1", "V10"});
  service_query query = query_of(the_type);
  const auto left_out = [&] {
    const service found = conclude(query, dns).found;
    std::string labels;
    for (const name& n : found.left_out) labels += std::string(n.first_label()) + ' ';
    CHECK(found.left_out_count == found.left_out.size());
    return labels;
  };
  CHECK(left_out().empty());
  query.version = "v1";
  CHECK(left_out() == "V10 v2 ");
  query.version.reset();
  query.instance = "none";
  CHECK(left_out() == "v1 V10 v2 ");
  query.instance.reset();
  query.txt = {txt_condition::from_text("name=v2").value()};
  CHECK(left_out() == "v1 V10 ");
}

TEST_CASE("walk: wishes for a type ask for PTR alone", "[resolver]") {
  paper_dns dns = instances({"v1"});
  service_query query = query_of(the_type);
  SECTION("version") { query.version = "v1"; }
  SECTION("instance") { query.instance = "v1"; }
  CHECK_FALSE(conclude(query, dns).status);
  CHECK(dns.asked.at(0) == question{name_of(the_type), rr_type::ptr});
  CHECK(dns.times_asked(the_type, rr_type::srv) == 0);
}

TEST_CASE("walk: a type that is absent is so with wishes too", "[resolver]") {
  paper_dns dns;
  service_query query = query_of(the_type);
  query.version = "v1";
  CHECK(conclude(query, dns).status == errc::nxdomain);
  dns.fail(the_type, rr_type::ptr, errc::no_data);
  CHECK(conclude(query, dns).status == errc::no_data);
  dns.fail(the_type, rr_type::ptr, errc::query_timed_out);
  CHECK(conclude(query, dns).status == errc::query_timed_out);
}

TEST_CASE("walk: an instance is chosen by its label, any octets",
          "[resolver][rfc6763][rfc-check-1][fault-N2][fault-N3]") {
  paper_dns dns = instances({"Dr\\.\\032Pepper\\.v2", "K\\195\\188che", "other"});
  service_query query = query_of(the_type);
  query.instance = "Dr. Pepper.v2";
  const auto found = conclude(query, dns).found;
  CHECK(ports_of(found) == std::vector{8000});
  CHECK(found.instances.at(0).label == "Dr. Pepper.v2");
  query.instance =
      "K\xc3\xbc"
      "che";
  CHECK(ports_of(conclude(query, dns).found) == std::vector{8001});
  query.instance = "Other";
  CHECK(ports_of(conclude(query, dns).found) == std::vector{8002});
}

TEST_CASE("walk: a subtype is asked for by its own name, the instance keeps its plain one",
          "[resolver][rfc6763][rfc-check-8][rfc-check-11]") {
  paper_dns dns = instances({"v1"}, "example.com", "my\\032printer._sub._x._tcp.example.com");
  service_query query = query_of(the_type);
  query.subtype = "my printer";
  const auto [status, found] = conclude(query, dns);
  CHECK_FALSE(status);
  CHECK(found.instances.at(0).fullname == name_of("v1._x._tcp.example.com"));
  CHECK_FALSE(found.instances.at(0).foreign);
  query.subtype = std::string(64, 'x');
  CHECK(conclude(query, dns).status == errc::label_too_long);
  CHECK(dns.asked.empty());
}

TEST_CASE("walk: TXT conditions must all be met", "[resolver][rfc6763][rfc-check-26][rfc-check-31]") {
  paper_dns dns = instances({"a", "b", "c"});
  dns.fail("c._x._tcp.example.com", rr_type::txt, errc::no_data);
  service_query query = query_of(the_type);
  query.want_txt = false;  // conditions ask for it in any case
  query.txt = {txt_condition::from_text("NAME").value()};
  CHECK(ports_of(conclude(query, dns).found) == std::vector{8000, 8001});
  query.txt = {txt_condition::from_text("name=b").value()};
  CHECK(ports_of(conclude(query, dns).found) == std::vector{8001});
  query.txt = {txt_condition::from_text("name=a").value(), txt_condition::from_text("name=b").value()};
  CHECK(conclude(query, dns).status == errc::no_matching_instance);
  query.txt = {txt_condition::from_text("name=").value()};
  CHECK(conclude(query, dns).status == errc::no_matching_instance);
}

TEST_CASE("walk: an instance whose TXT record is not known is not ruled out", "[resolver][rfc-check-48]") {
  paper_dns dns = instances({"a"});
  service_query query = query_of(the_type);
  query.txt = {txt_condition::from_text("name=z").value()};
  dns.fail("a._x._tcp.example.com", rr_type::txt, errc::server_failure);
  CHECK(conclude(query, dns).status == condition::transient);
  SECTION("but one whose TXT record is known is, whatever its SRV records are") {
    dns.txt("a._x._tcp.example.com", "name=a").fail("a._x._tcp.example.com", rr_type::srv, errc::server_failure);
    CHECK(conclude(query, dns).status == errc::no_matching_instance);
  }
}

TEST_CASE("walk: TXT conditions hold for a single instance too", "[resolver]") {
  paper_dns dns = instances({"a"});
  service_query query = query_of("a._x._tcp.example.com");
  query.txt = {txt_condition::from_text("name=a").value()};
  CHECK_FALSE(conclude(query, dns).status);
  query.txt = {txt_condition::from_text("name=b").value()};
  CHECK(conclude(query, dns).status == errc::no_matching_instance);
}

TEST_CASE("walk: without TXT, or with several, an instance is used",
          "[resolver][rfc6763][rfc-check-22][rfc-check-33][fault-T4]") {
  paper_dns dns = instances({"a"});
  const name a = name_of("a._x._tcp.example.com");
  SECTION("none") {
    dns.fail(a.to_text(), rr_type::txt, GENERATE(errc::nxdomain, errc::no_data, errc::server_failure));
    const auto [status, found] = conclude(query_of(the_type), dns);
    CHECK_FALSE(status);
    CHECK(found.instances.at(0).txt.entries().empty());
  }
  SECTION("several") {
    dns.data(a.to_text(), rr_type::txt, std::vector{txt_of("k=1"), txt_of("k=2")});
    const auto found = conclude(query_of(the_type), dns).found;
    CHECK(found.instances.at(0).txt.find("k")->value == "1");
    CHECK(has_warning(found, "has 2 TXT records, the smallest by octets is used"));
  }
}

TEST_CASE("walk: instances of another domain are used as they stand and marked, or refused by wish",
          "[resolver][rfc6763][rfc-check-8][fault-N12]") {
  paper_dns dns = instances({"a"}, "example.org");
  service_query query = query_of(the_type);
  const auto found = conclude(query, dns).found;
  CHECK(found.instances.at(0).fullname == name_of("a._x._tcp.example.org"));
  CHECK(found.instances.at(0).foreign);
  query.same_domain = true;
  const auto [status, refused] = conclude(query, dns);
  CHECK(status == errc::out_of_domain);
  CHECK(has_warning(refused, "1 instance(s) outside example.com. refused"));
  CHECK(dns.times_asked("a._x._tcp.example.org", rr_type::srv) == 0);
}

TEST_CASE("walk: of several instances one without an answer makes the rest no less usable",
          "[resolver][rfc-check-48][fault-C7]") {
  paper_dns dns = instances({"a", "b"});
  dns.fail("a._x._tcp.example.com", rr_type::srv, errc::server_failure);
  const auto [status, found] = conclude(query_of(the_type), dns);
  CHECK_FALSE(status);
  CHECK(ports_of(found) == std::vector{8001});
  CHECK(has_warning(found, "no answer for a._x._tcp.example.com."));
  dns.fail("b._x._tcp.example.com", rr_type::srv, errc::nxdomain);
  CHECK(conclude(query_of(the_type), dns).status == errc::server_failure);
  dns.fail("a._x._tcp.example.com", rr_type::srv, errc::no_data);
  CHECK(conclude(query_of(the_type), dns).status == condition::absent);
}

TEST_CASE("walk: a service label against RFC 6335 is a warning only", "[resolver][rfc6335][rfc-check-5]") {
  const auto [label, why] = GENERATE(table<const char*, const char*>({{"_x", ""},
                                                                      {"_a-1", ""},
                                                                      {"_sipfederationtls", "1 to 15"},
                                                                      {"_-x", "hyphen"},
                                                                      {"_x--y", "two hyphens"},
                                                                      {"_123", "no letter"},
                                                                      {"_a_b", "other than"},
                                                                      {"x", "no underscore"}}));
  paper_dns dns;
  const auto found = conclude(query_of(std::string(label) + "._tcp.example.com"), dns).found;
  CHECK(found.warnings.size() == (*why == 0 ? 0 : 1));
  CHECK((*why == 0 || has_warning(found, why)));
}
