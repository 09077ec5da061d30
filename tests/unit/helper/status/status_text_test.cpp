#include "helper/status/status_text.hpp"

#include "unit/helper/status/sample_status.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <sstream>
#include <string>

using namespace sdconnect;
using namespace sdconnect::helper;
using test::sample_status;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("status json: an endpoint with all that is known of it", "[helper][status]") {
  const std::string text = status_json(sample_status());
  CHECK(text.find('\n') == text.size() - 1);
  CHECK(text.rfind(R"({"schema":1,"version":"0.1.0","time":"2026-11-23T21:00:00.007Z","uptime_s":3600,"ready":true,)"
                   R"("not_ready_because":null,"draining":false,"listeners":[{"kind":"forward",)",
                   0) == 0);
  CHECK(has(text,
            R"({"target":"db1.example.com.","port":5432,"addresses":["192.0.2.60"],"priority":10,"weight":60,)"
            R"("share":0.75,"picks":80,"actual_share":0.8,"expected_picks":75,"sigma":1,"health":"up","reason":null,)"
            R"("for_s":null,"next_in_s":null,"draining":false,"in_flight":3,"connects":80,"connect_p50_ms":0.387,)"
            R"("connect_p99_ms":3.277,"octets_up":1500,"octets_down":2500000,"last_error":null})"));
  CHECK(has(text, R"("health":"down","reason":"attempt failed","for_s":5,"next_in_s":1.5,)"));
  CHECK(has(text, R"("last_error":"Connection refused"})"));
  CHECK(has(text, R"({"query":"_postgresql._tcp.example.com.","configured":true,"ttl_left_s":42,"stale":false,)"
                  R"("problem":null,"picks":100,"endpoints":)"));
  CHECK(has(text, R"("ttl_left_s":null,"stale":true,"problem":"DNS query timed out","picks":5,)"));
}

TEST_CASE("status json: name servers, cache, series, changes and attempts", "[helper][status]") {
  const std::string text = status_json(sample_status());
  CHECK(has(text, R"("name_servers":[{"server":"192.0.2.53","sent":10,"valid":8,"timeouts":1,"refused":1,)"
                  R"("mismatched":2}],"cache":{"entries":12,"hits":90,"stale_hits":2,"misses":8,)"));
  CHECK(has(text, R"("connects":{"last_s":1795467599,"connects":[0,4],"failures":[0,1],"p50_ms":[null,0.45],)"
                  R"("p99_ms":[null,3.5]},"changes":[{"time":"2026-11-23T20:59:55.007Z",)"
                  R"("service":"_postgresql._tcp.example.com.","subject":"db3.example.com:5433",)"
                  R"("what":"down: Connection refused"}],"attempts":[{"time":"2026-11-23T20:59:55.007Z","id":"c17",)"));
  CHECK(has(text, R"("address":"192.0.2.1","elapsed_ms":1.25,"error":"Connection refused"}]})"));
}

TEST_CASE("status json: a trial that is due, and a time that never comes", "[helper][status]") {
  helper_status status = sample_status();
  status.services[0].endpoints[2].balanced.health.until = status.now - std::chrono::seconds(1);
  CHECK(has(status_json(status), R"("for_s":5,"next_in_s":0,)"));
  status.services[0].endpoints[2].balanced.health.until = std::chrono::steady_clock::time_point::max();
  CHECK(has(status_json(status), R"("for_s":5,"next_in_s":null,)"));
}

TEST_CASE("status json: hostile text stays valid JSON on one line", "[helper][status][fault-L29]") {
  helper_status status = sample_status();
  const std::string hostile = "a\"b\\c\n\x1b[2J\xff";
  status.services[0].problem = hostile;
  status.services[0].endpoints[0].last_error = hostile;
  status.not_ready_because = hostile;
  status.changes[0].what = hostile;
  status.attempts[0].error = hostile;
  status.listeners[0].address = hostile;
  const std::string text = status_json(status);
  CHECK(text.find_first_of("\n\x1b\xff") == text.size() - 1);
  const auto parsed = boost::json::parse(text);
  CHECK(parsed.at("changes").at(0).at("what").as_string() == R"(a"b\\c\010\027[2J\255)");
  const auto table = status_table(text, false, 200);
  REQUIRE(table);
  CHECK(table->find_first_of("\x1b\xff") == table->npos);
}

TEST_CASE("metrics: labels are configured names only", "[helper][status]") {
  const std::string text = metrics_text(sample_status());
  CHECK(has(text, "sdconnect_helper_info{version=\"0.1.0\"} 1\n"));
  CHECK(has(text, "sdconnect_helper_start_time_seconds 1795464000\n"));
  CHECK(has(text, "sdconnect_helper_ready 1\n"));
  CHECK(has(text, "sdconnect_clients{listener=\"127.0.0.1:5432\",kind=\"forward\"} 3\n"));
  CHECK(has(text, "sdconnect_clients_refused_total{listener=\"127.0.0.1:5432\",kind=\"forward\"} 1\n"));
  CHECK(has(text, "sdconnect_endpoints{service=\"_postgresql._tcp.example.com.\",health=\"up\"} 2\n"));
  CHECK(has(text, "sdconnect_endpoints{service=\"_postgresql._tcp.example.com.\",health=\"down\"} 1\n"));
  CHECK(has(text, "sdconnect_endpoints{service=\"other\",health=\"up\"} 1\n"));
  CHECK(has(text, "sdconnect_stale{service=\"other\"} 1\n"));
  CHECK(has(text, "sdconnect_connections{service=\"_postgresql._tcp.example.com.\"} 3\n"));
  CHECK(has(text, "sdconnect_picks_total{service=\"_postgresql._tcp.example.com.\"} 100\n"));
  CHECK(has(text, "sdconnect_picks_total{service=\"other\"} 12\n"));  // 5 of a known service, 7 of forgotten ones
  CHECK(has(text, "sdconnect_outcomes_total{service=\"_postgresql._tcp.example.com.\",outcome=\"refused\"} 4\n"));
  CHECK(has(text, "sdconnect_dns_replies_total{server=\"192.0.2.53\"} 8\n"));
  CHECK(has(text, "sdconnect_cache_lookups_total{result=\"stale\"} 2\n"));
  CHECK_FALSE(has(text, "_http._tcp"));
}

TEST_CASE("metrics: connect times are a histogram", "[helper][status]") {
  const std::string text = metrics_text(sample_status());
  const std::string metric =
      "sdconnect_connect_duration_seconds_bucket{service=\"_postgresql._tcp.example.com.\",le=\"";
  CHECK(has(text, metric + "0.000256\"} 0\n"));
  CHECK(has(text, metric + "0.001024\"} 78\n"));
  CHECK(has(text, metric + "0.004096\"} 80\n"));
  CHECK(has(text, metric + "16.777216\"} 80\n"));
  CHECK(has(text, metric + "+Inf\"} 80\n"));
  CHECK(has(text, "sdconnect_connect_duration_seconds_sum{service=\"_postgresql._tcp.example.com.\"} 0.035\n"));
  CHECK(has(text, "sdconnect_connect_duration_seconds_count{service=\"_postgresql._tcp.example.com.\"} 80\n"));
}

TEST_CASE("metrics: every line is a comment or a sample of the metric before it, and no sample comes twice",
          "[helper][status]") {
  helper_status status = sample_status();
  status.listeners[0].address = "unix:/a \"b\"\\\n";
  const std::string all = metrics_text(status);
  CHECK(has(all, R"(listener="unix:/a \"b\"\\\n",)"));
  std::istringstream lines(all);
  std::string metric;
  std::set<std::string> samples;
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    if (line.rfind("# HELP ", 0) == 0) {
      metric = line.substr(7, line.find(' ', 7) - 7);
    } else if (line.rfind("# TYPE ", 0) == 0) {
      CHECK(line.rfind("# TYPE " + metric + ' ', 0) == 0);
      CHECK((line.find(" counter") != line.npos) == (metric.rfind("_total") == metric.size() - 6));
    } else {
      CHECK(line.rfind(metric, 0) == 0);
      CHECK(samples.insert(line.substr(0, line.rfind(' '))).second);
    }
  }
  CHECK(samples.size() > 50);
}

TEST_CASE("status table: listeners, services and name servers for people", "[helper][status]") {
  const auto text = status_table(status_json(sample_status()), false, 200);
  REQUIRE(text);
  CHECK(text->rfind("sd-connect 0.1.0, up 60 min, ready\n\nLISTENER        KIND     SERVICE", 0) == 0);
  CHECK(has(*text, "\n127.0.0.1:5432  forward  _postgresql._tcp.example.com        3       120        1\n"));
  CHECK(has(*text, "\n\n_postgresql._tcp.example.com, TTL 42 s\n"));
  CHECK(has(*text,
            "\n 10      60  db1.example.com:5432  up                         75.00 %  80.00 %   +1.0     80     "
            "3     0.4     3.3  1.5 kB  2.5 MB\n"));
  CHECK(has(*text, "db3.example.com:5433  down (attempt failed) 5 s"));
  CHECK(has(*text, "\n\n_http._tcp.example.net, stale: DNS query timed out\n"));
  CHECK(has(*text, "\nNAME SERVER  SENT  VALID  TIMEOUTS  REFUSED  MISMATCHED\n192.0.2.53     10      8"));
}

TEST_CASE("status table: says when the helper is not ready or is ending", "[helper][status]") {
  helper_status status = sample_status();
  status.is_ready = false;
  status.not_ready_because = "_x._tcp.example.com has no endpoint";
  CHECK(has(*status_table(status_json(status), false, 200), ", not ready: _x._tcp.example.com has no endpoint\n"));
  status.is_draining = true;
  CHECK(has(*status_table(status_json(status), false, 200), ", draining\n"));
  CHECK(status_table(status_json({}), false, 200));
}

TEST_CASE("status table: what is no status is an error", "[helper][status][errors]") {
  const std::string text = GENERATE("", "not JSON", "[]", "{}", "{\"schema\":1}", "null");
  CHECK_FALSE(status_table(text, false, 80));
}

TEST_CASE("status table: a status with one member of another type is an error", "[helper][status][errors]") {
  const auto whole = boost::json::parse(status_json(sample_status())).as_object();
  for (const char* member : {"version", "uptime_s", "ready", "draining", "listeners", "services", "name_servers"}) {
    INFO(member);
    auto broken = whole;
    broken[member] = boost::json::object{{"x", 1}};
    CHECK_FALSE(status_table(boost::json::serialize(broken), false, 80));
    broken.erase(member);
    CHECK_FALSE(status_table(boost::json::serialize(broken), false, 80));
  }
}
