#include "connect/service_table.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

using namespace sdconnect;
using namespace std::chrono_literals;

namespace {

service_query query_of(const std::string& text) { return service_query::from_text(text).value(); }

service_identity identity_of(const std::string& text) { return service_identity(query_of(text)); }

endpoint endpoint_of(std::uint16_t port, std::uint32_t weight = 1) {
  endpoint e;
  e.target = name::from_text("h.example.com").value();
  e.port = port;
  e.weight = weight;
  e.addresses = {ip_address::v4({192, 0, 2, 1})};
  return e;
}

const service_table::time_point now{1h};

}  // namespace

TEST_CASE("service table: a service is what decides which endpoints are found", "[connect]") {
  const service_query plain = query_of("_x._tcp.example.com");
  service_query other = plain;
  SECTION("not the letter case, not what is merely wished besides") {
    other = query_of("_X._TCP.Example.com");
    other.timeout = 1ms;
    other.want_txt = false;
    other.resolution_delay = 1ms;
    CHECK(service_identity(plain) == service_identity(other));
  }
  SECTION("everything that narrows") {
    const auto change = GENERATE(
        as<std::function<void(service_query&)>>(),
        [](service_query& q) { q.qname = name::from_text("_y._tcp.example.com").value(); },
        [](service_query& q) { q.version = "v1"; }, [](service_query& q) { q.instance = "a"; },
        [](service_query& q) { q.subtype = "s"; },
        [](service_query& q) {
          q.txt.push_back({"k", {}});
        },
        [](service_query& q) { q.default_port = 80; }, [](service_query& q) { q.same_domain = true; },
        [](service_query& q) { q.require_authenticated = true; }, [](service_query& q) { q.want_ipv4 = false; },
        [](service_query& q) { q.want_ipv6 = false; });
    change(other);
    CHECK(service_identity(plain) != service_identity(other));
  }
}

TEST_CASE("service table: beyond the limit the longest unused goes, but none in use", "[connect]") {
  service_table table(2);
  (void)table.add(identity_of("_a._tcp.example.com"), {}, now);
  (void)table.add(identity_of("_b._tcp.example.com"), {}, now + 1s);
  const auto has = [&](const char* text) { return table.find(identity_of(text), now + 3s) != nullptr; };
  SECTION("the longest unused") {
    REQUIRE(table.find(identity_of("_a._tcp.example.com"), now + 2s));
    (void)table.add(identity_of("_c._tcp.example.com"), {}, now + 3s);
    CHECK(has("_a._tcp.example.com"));
    CHECK_FALSE(has("_b._tcp.example.com"));
    CHECK(has("_c._tcp.example.com"));
  }
  SECTION("not the one in use") {
    const auto held = table.find(identity_of("_a._tcp.example.com"), now);
    (void)table.find(identity_of("_b._tcp.example.com"), now + 2s);
    (void)table.add(identity_of("_c._tcp.example.com"), {}, now + 3s);
    CHECK(has("_a._tcp.example.com"));
    CHECK_FALSE(has("_b._tcp.example.com"));
  }
  SECTION("all are in use: one more than the limit") {
    const auto a = table.find(identity_of("_a._tcp.example.com"), now);
    const auto b = table.find(identity_of("_b._tcp.example.com"), now);
    (void)table.add(identity_of("_c._tcp.example.com"), {}, now);
    int count = 0;
    table.for_each([&](const service_identity&, const served_service&) { ++count; });
    CHECK(count == 3);
  }
}

TEST_CASE("service table: the same answer again publishes nothing", "[connect][fault-S24]") {
  served_service known({}, now);
  service found;
  found.endpoints = {endpoint_of(80), endpoint_of(81)};
  known.update(found, now);
  const auto first = known.balance.endpoints();
  found.endpoints[0].ttl = 7s;
  known.update(found, now);
  CHECK(known.balance.endpoints() == first);
  found.endpoints[0].weight = 2;
  known.update(found, now);
  CHECK(known.balance.endpoints() != first);
  CHECK(known.balance.endpoints()->size() == 2);
}

TEST_CASE("service table: what DNS did not answer stays as it was, what it says no to has left",
          "[connect][fault-S24]") {
  const name i1 = name::from_text("i1._x._tcp.example.com").value(), i2 = name::from_text("i2.example.com").value();
  const auto instance_of = [](const name& fullname, error_code status = {}) {
    service_instance out;
    out.fullname = fullname;
    out.status = status;
    return out;
  };
  served_service known({}, now);
  service found;
  found.instances = {instance_of(i1), instance_of(i2)};
  found.endpoints = {endpoint_of(80), endpoint_of(81)};
  found.endpoints[0].instances = {i1};
  found.endpoints[1].instances = {i2};
  known.update(found, now);
  const auto second = [&]() -> const balanced_endpoint* {
    const auto set = known.balance.endpoints();
    const auto at = std::ranges::find(*set, 81, [](const balanced_endpoint& e) { return e.where.port; });
    return at == set->end() ? nullptr : &*at;  // the balancer keeps the set
  };
  const auto record = second()->record;
  known.balance.report(*record, outcome_kind::refused, 0us, now, now);

  SECTION("an instance without an answer") {
    found.instances[1].status = errc::query_timed_out;
    found.endpoints.pop_back();
    known.update(found, now + 1s);
    REQUIRE(second() != nullptr);
    CHECK(second()->record == record);
    CHECK_FALSE(record->is_draining());
    CHECK(known.balance.status()[1].health.last_failure == outcome_kind::refused);
  }
  SECTION("an endpoint that an instance with an answer and one without have in common keeps what was answered") {
    found.instances[1].status = errc::server_failure;
    found.endpoints[1].instances = {i1};
    found.endpoints[1].weight = 7;
    known.update(found, now + 1s);
    CHECK(second()->where.weight == 7);
    CHECK(known.balance.endpoints()->size() == 2);
    found.endpoints.pop_back();  // the one says no, and the other still nothing
    known.update(found, now + 2s);
    CHECK(second()->record == record);
    CHECK(second()->where.instances == std::vector{i2});
    found.instances[0].status = errc::query_timed_out;  // now the other says no
    found.instances[1].status = {};
    known.update(found, now + 3s);
    CHECK(second() == nullptr);
  }
  SECTION("a target without an answer keeps its addresses") {
    found.endpoints[1].addresses.clear();
    found.endpoints[1].unresolved = errc::query_timed_out;
    found.endpoints[1].priority = 3;
    const name target = found.endpoints[1].target;
    found.queries = {{.asked = {target, rr_type::a}, .status = errc::query_timed_out},
                     {.asked = {target, rr_type::aaaa}, .status = errc::no_data}};
    known.update(found, now + 1s);
    REQUIRE(second() != nullptr);
    CHECK(second()->where.addresses.size() == 1);
    CHECK_FALSE(second()->where.unresolved);
    found.queries[0].status = errc::no_data;
    found.queries[1].status = errc::query_timed_out;
    known.update(found, now + 2s);
    CHECK(second()->where.addresses.empty());
    CHECK(second()->where.unresolved == errc::query_timed_out);
  }
  SECTION("a target without addresses has none") {
    found.endpoints[1].addresses.clear();
    found.endpoints[1].unresolved = errc::no_data;
    for (const rr_type family : {rr_type::a, rr_type::aaaa}) {
      found.queries.push_back({.asked = {found.endpoints[1].target, family}, .status = errc::no_data});
    }
    known.update(found, now + 1s);
    CHECK(second()->where.addresses.empty());
  }
  SECTION("an instance that is no more, or is declared unavailable") {
    found.instances[1].status = GENERATE(errc::nxdomain, errc::service_unavailable);
    found.endpoints.pop_back();
    known.update(found, now + 1s);
    CHECK(second() == nullptr);
    CHECK(record->is_draining());
  }
  SECTION("an instance that is not listed any more") {
    found.instances.pop_back();
    found.endpoints.pop_back();
    known.update(found, now + 1s);
    CHECK(second() == nullptr);
  }
}
