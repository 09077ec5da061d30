// The order of answers, failed answers, and answers that do not arrive in time.
#include "unit/resolver/paper_dns.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

constexpr auto the_type = "_x._tcp.example.com.";
constexpr auto v1 = "v1._x._tcp.example.com.";
constexpr auto v2 = "v2._x._tcp.example.com.";

// Every sequence of choices, counted like an odometer whose wheels differ in size.
class every_order {
 public:
  std::size_t operator()(std::size_t n) {
    if (at_ == wheels_.size()) wheels_.push_back({0, n});
    wheels_[at_].second = n;
    return wheels_[at_++].first;
  }
  bool advance() {
    at_ = 0;
    while (!wheels_.empty() && wheels_.back().first + 1 == wheels_.back().second) wheels_.pop_back();
    if (wheels_.empty()) return false;
    ++wheels_.back().first;
    return true;
  }

 private:
  std::vector<std::pair<std::size_t, std::size_t>> wheels_;
  std::size_t at_ = 0;
};

std::string text_of(const concluded& c) {
  std::string text = std::to_string(static_cast<int>(c.found.kind)) + ' ' + c.status.message();
  for (const std::string& line : lines_of(c.found)) text += " | " + line;
  for (const service_instance& i : c.found.instances)
    text += " | " + i.fullname.to_text() + ' ' + std::string(i.txt.rdata());
  return text;
}

std::set<std::string> all_conclusions(const service_query& query, paper_dns dns, std::size_t& orders) {
  std::set<std::string> seen;
  every_order order;
  do {
    seen.insert(text_of(conclude(query, dns, [&](std::size_t n) { return order(n); })));
    ++orders;
  } while (order.advance());
  return seen;
}

paper_dns type_with_two() {
  paper_dns dns;
  dns.ptr(the_type, {v1, v2})
      .srv(v1, {srv_of(0, 1, 80, "h1.example.com")})
      .srv(v2, {srv_of(0, 1, 80, "h2.example.com")});
  dns.a("h1.example.com", {"192.0.2.1"}).aaaa("h2.example.com", {"2001:db8::2"}).txt(v1, "a=1");
  return dns;
}

}  // namespace

TEST_CASE("walk: the order of the answers changes nothing in the conclusion", "[resolver][replay]") {
  paper_dns dns = type_with_two();
  service_query query = query_of(the_type);
  std::size_t orders = 0;
  SECTION("a type with two instances") {
    query.want_ipv6 = false;
    query.want_txt = false;
    CHECK(all_conclusions(query, dns, orders).size() == 1);
    CHECK(orders >= 12);
  }
  SECTION("an instance with TXT and two targets") {
    dns.srv(v1, {srv_of(0, 1, 80, "h1.example.com"), srv_of(0, 1, 80, "h2.example.com")});
    query = query_of(v1);
    CHECK(all_conclusions(query, dns, orders).size() == 1);
    CHECK(orders > 500);
  }
  SECTION("a name with SRV and PTR") {
    dns.ptr(v1, {v2});
    query = query_of(v1);
    query.want_ipv6 = false;
    CHECK(all_conclusions(query, dns, orders).size() == 1);
  }
  SECTION("a name with neither, and a port") {
    query = query_of("h1.example.com");
    query.default_port = 80;
    CHECK(all_conclusions(query, dns, orders).size() == 1);
  }
  SECTION("a target with aliases") {
    dns.alias("h1.example.com", rr_type::a, "h3.example.com").a("h3.example.com", {"192.0.2.3"});
    query = query_of(v1);
    CHECK(all_conclusions(query, dns, orders).size() == 1);
  }
  SECTION("failures of all kinds") {
    dns.fail(v1, rr_type::srv, errc::server_failure).fail("h2.example.com", rr_type::aaaa, errc::query_timed_out);
    query.want_txt = false;
    const auto seen = all_conclusions(query, dns, orders);
    CHECK(seen.size() == 1);
  }
}

TEST_CASE("walk: whichever question fails, the conclusion is never a certain no",
          "[resolver][replay][rfc-check-48][fault-C7]") {
  const errc failure = GENERATE(errc::server_failure, errc::query_timed_out, errc::empty_answer, errc::network_failure);
  paper_dns dns = type_with_two();
  service_query query = query_of(the_type);
  REQUIRE_FALSE(conclude(query, dns).status);
  const std::vector<question> asked = dns.asked;
  REQUIRE(asked.size() == 11);
  for (const question& failing : asked) {
    INFO(to_string(failing));
    paper_dns one_fails = dns;
    one_fails.fail(failing.qname.to_text(), failing.type, failure);
    const auto [status, found] = conclude(query, one_fails);
    CHECK(status != condition::absent);
    if (failing != question{name_of(the_type), rr_type::ptr}) CHECK_FALSE(status);
  }
}

TEST_CASE("walk: whichever question is never answered, what is known at the end is told", "[resolver][replay]") {
  paper_dns dns = type_with_two();
  service_query query = query_of(the_type);
  (void)conclude(query, dns);
  for (const question& silent : std::vector(dns.asked)) {
    INFO(to_string(silent));
    paper_dns one_silent = dns;
    one_silent.unanswered = {silent};
    const auto [status, found] = conclude(query, one_silent);
    if (silent == question{name_of(the_type), rr_type::ptr}) {
      CHECK(status == errc::query_timed_out);
      continue;
    }
    CHECK_FALSE(status);
    CHECK(found.kind == service_kind::type);
    CHECK(found.endpoints.size() >= 1);
  }
}

TEST_CASE("walk: an instance does not wait for PTR, nor a type for a TXT record of its own", "[resolver]") {
  paper_dns dns = type_with_two();
  SECTION("instance") {
    dns.unanswered = {{name_of(v1), rr_type::ptr}};
    walk w(query_of(v1));
    walk::step step = w.start();
    for (const rr_type type : {rr_type::srv, rr_type::txt}) {
      step = w.on_result({name_of(v1), type}, looked_up(dns.answer_to({name_of(v1), type})), {});
    }
    for (const rr_type type : {rr_type::a, rr_type::aaaa}) {
      CHECK_FALSE(step.done);
      step = w.on_result({name_of("h1.example.com"), type}, looked_up(dns.answer_to({name_of("h1.example.com"), type})),
                         {});
    }
    CHECK(step.done);
  }
  SECTION("nothing there") {
    walk w(query_of("_y._tcp.example.com"));
    (void)w.start();
    const name y = name_of("_y._tcp.example.com");
    CHECK_FALSE(w.on_result({y, rr_type::srv}, looked_up(dns.answer_to({y, rr_type::srv})), {}).done);
    CHECK(w.on_result({y, rr_type::ptr}, looked_up(dns.answer_to({y, rr_type::ptr})), {}).done);
  }
  SECTION("type") {
    walk w(query_of(the_type));
    std::vector<question> left = w.start().ask;
    bool done = false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      const question q = left[i];
      if (q == question{name_of(the_type), rr_type::txt}) continue;
      CHECK_FALSE(done);
      const walk::step step = w.on_result(q, looked_up(dns.answer_to(q)), {});
      left.insert(left.end(), step.ask.begin(), step.ask.end());
      done = step.done;
    }
    CHECK(done);
  }
}

namespace {

// An instance with the hosts h1 and h2, at the step where only addresses are missing. `t` is a time
// long after the start.
struct hurried {
  walk::time_point t{1h};
  paper_dns dns;
  walk w;

  explicit hurried(service_query query) : w(query) {
    dns.srv(v1, {srv_of(0, 0, 80, "h1.example.com"), srv_of(0, 0, 80, "h2.example.com")});
    dns.a("h1.example.com", {"192.0.2.1"}).a("h2.example.com", {"192.0.2.2"});
    (void)w.start();
  }
  walk::step answer(std::string_view owner, rr_type type) {
    return w.on_result({name_of(owner), type}, looked_up(dns.answer_to({name_of(owner), type})), t);
  }
};

service_query in_a_hurry() {
  service_query query = query_of(v1);
  query.want_txt = false;
  query.resolution_delay = 50ms;
  query.timeout = 5s;
  return query;
}

}  // namespace

TEST_CASE("walk: to connect, what is known 50 ms after the first address is enough",
          "[resolver][rfc8305][rfc-check-66][rule-6][fault-S12][fault-O10]") {
  hurried h(in_a_hurry());
  CHECK_FALSE(h.answer(v1, rr_type::srv).enough_at);
  const bool ptr_answered = GENERATE(false, true);  // has no effect once SRV is known
  if (ptr_answered) CHECK_FALSE(h.answer(v1, rr_type::ptr).enough_at);
  const auto first = h.t;
  CHECK(h.answer("h1.example.com", rr_type::a).enough_at == first + 50ms);
  h.t += 10ms;
  CHECK(h.answer("h1.example.com", rr_type::aaaa).enough_at == first + 50ms);
  const auto [status, found] = seen_of(h.w.conclude(errc::query_timed_out));
  CHECK_FALSE(status);
  CHECK(lines_of(found) == lines{"h1.example.com.:80 192.0.2.1", "h2.example.com.:80 (DNS query timed out)"});
  CHECK(h.answer("h2.example.com", rr_type::a).enough_at == first + 50ms);
  CHECK(h.answer("h2.example.com", rr_type::aaaa).done);
  CHECK(lines_of(h.w.conclude(errc::query_timed_out).found) ==
        lines{"h1.example.com.:80 192.0.2.1", "h2.example.com.:80 192.0.2.2"});
}

TEST_CASE("walk: TXT records that are wanted to connect are waited for longer, yet not for ever",
          "[resolver][rule-6]") {
  service_query query = in_a_hurry();
  query.want_txt = true;
  auto patience = 1500ms;
  SECTION("1.5 s") {}
  SECTION("half of a short timeout") {
    query.timeout = 1s;
    patience = 500ms;
  }
  hurried h(query);
  (void)h.answer(v1, rr_type::srv);
  const auto first = h.t;
  CHECK(h.answer("h1.example.com", rr_type::a).enough_at == first + patience);
  CHECK(h.answer(v1, rr_type::txt).enough_at == first + 50ms);
}

TEST_CASE("walk: to list, only second address families are given up, a second after all the rest",
          "[resolver][rule-6][fault-O10]") {
  service_query query = in_a_hurry();
  query.resolution_delay.reset();
  hurried h(query);
  (void)h.answer(v1, rr_type::srv);
  CHECK_FALSE(h.answer("h1.example.com", rr_type::a).enough_at);
  h.t += 300ms;
  const auto last = h.t;
  CHECK(h.answer("h2.example.com", rr_type::a).enough_at == last + 1100ms);
  h.t += 300ms;
  CHECK(h.answer("h2.example.com", rr_type::aaaa).enough_at == last + 1100ms);
  const service found = h.w.conclude(errc::query_timed_out).found;
  CHECK(has_warning(found, "IPv6 addresses of h1.example.com. unknown: no answer"));
}
