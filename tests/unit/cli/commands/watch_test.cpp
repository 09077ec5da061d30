#include "sd-connect/commands/watch.hpp"

#include "lab/background.hpp"
#include "sd-connect/commands/json_output.hpp"
#include "support/forging_server.hpp"
#include "support/reply_to.hpp"
#include "unit/cli/found_service.hpp"
#include "unit/cli/run_captured.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using cli::output_format;
namespace json = boost::json;

namespace {

constexpr const char* at = "2026-11-23T21:00:00.123Z";

template <class T>
std::shared_ptr<const T> shared(T value) {
  return std::make_shared<const T>(std::move(value));
}

watch_event added() {
  return {.kind = watch_event_kind::added, .after = shared(endpoint_of("h.b", 80, 0, 10, "192.0.2.1"))};
}
watch_event removed() {
  return {.kind = watch_event_kind::removed, .before = shared(endpoint_of("h.b", 80, 0, 10, "192.0.2.1"))};
}
watch_event changed() {
  watch_event event{.kind = watch_event_kind::changed};
  event.before = shared(endpoint_of("h.b", 80, 0, 10, "192.0.2.1"));
  event.after = shared(endpoint_of("h.b", 80, 1, 20, "192.0.2.2"));
  event.priority_changed = event.weight_changed = event.addresses_changed = true;
  return event;
}
watch_event txt_changed_to(const txt_record& latest) {
  service_instance instance = example_service().instances.front();
  watch_event event{.kind = watch_event_kind::txt_changed};
  event.instance_before = shared(instance);
  instance.txt = latest;
  event.instance_after = shared(instance);
  return event;
}
watch_event txt_changed() { return txt_changed_to(txt_of({"txtvers=2"})); }
watch_event unknown() { return {.kind = watch_event_kind::unknown, .reason = errc::query_timed_out}; }
watch_event stale() { return {.kind = watch_event_kind::stale, .reason = errc::server_failure}; }
watch_event recovered() { return {.kind = watch_event_kind::recovered}; }

std::string line_of(output_format format, const watch_event& event) {
  return cli::change_line(format, event, example_service(), at, false);
}

/// A name server that serves the next zone after every third SRV query. All other queries come in
/// between, so a repeated query skips no zone. The last zone stays.
class changing_zone {
 public:
  explicit changing_zone(const std::vector<std::string>& records) {
    const std::lock_guard lock(mutex_);
    for (const std::string& r : records) {
      zones_.push_back(test::zone_forger(std::make_shared<const zone>(
          *zone::parse("$ORIGIN x.y.\n$TTL 0\n@ SOA ns1 hostmaster 1 3600 600 86400 0\n" + r))));
    }
  }

  ran watch(std::vector<const char*> given, const std::string& output = {}) {
    const std::string where = address();
    given.insert(given.end(), {"--server", where.c_str(), "--min-interval", "10ms"});
    given.insert(given.begin(), "watch");
    return run(std::move(given), output);
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1#" + std::to_string(server_.port()); }

  /// Calls `act` before answering the fourth SRV query.
  void at_fourth(std::function<void()> act) {
    const std::lock_guard lock(mutex_);
    at_fourth_ = std::move(act);
  }

 private:
  std::vector<test::reply> answer(std::span<const std::uint8_t> query, lab::transport over) {
    const std::lock_guard lock(mutex_);
    if (type_of(query) == rr_type::srv && ++asked_ == 4) at_fourth_();
    const std::size_t step = (std::max<std::size_t>(asked_, 1) - 1) / 3;
    return zones_[std::min(step, zones_.size() - 1)](query, over);
  }

  std::mutex mutex_;  // the server has a thread of its own
  std::vector<test::forger> zones_;
  std::size_t asked_ = 0;
  std::function<void()> at_fourth_ = [] {};
  lab::background thread_;
  test::forging_server server_{thread_.executor(),
                               [this](auto query, lab::transport over) { return answer(query, over); }};
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

const char* const one_host = "_s._tcp SRV 0 10 80 h1\nh1 A 127.0.0.11\nh2 A 127.0.0.12\n";

}  // namespace

TEST_CASE("watch: one line for each change, the sign first, then the time", "[cli][watch][fault-T13]") {
  const std::string time = std::string(at) + ' ';
  const auto line = [](const watch_event& event) { return line_of(output_format::table, event); };
  CHECK(line(added()) == "+ " + time + "h.b:80 priority 0 weight 10 192.0.2.1\n");
  CHECK(line(removed()) == "- " + time + "h.b:80 priority 0 weight 10\n");
  CHECK(line(changed()) == "~ " + time + "h.b:80 priority 0 -> 1, weight 10 -> 20, addresses 192.0.2.1 -> 192.0.2.2\n");
  CHECK(line(txt_changed()) ==
        "~ " + time + "_v1._theservice._tcp.unilans.net TXT \"txtvers=1\" \"flag\" -> \"txtvers=2\"\n");
  CHECK(line(unknown()) == "! " + time + "_theService._tcp.unilans.net unknown: DNS query timed out\n");
  CHECK_THAT(line(stale()), StartsWith("! " + time + "_theService._tcp.unilans.net stale: "));
  CHECK(line(recovered()) == "= " + time + "_theService._tcp.unilans.net known again\n");

  watch_event gone = changed();
  gone.priority_changed = gone.weight_changed = false;
  gone.after = shared(endpoint_of("h.b", 80, 0, 10, ""));
  CHECK(line(gone) == "~ " + time + "h.b:80 addresses 192.0.2.1 -> (no such name)\n");
  watch_event moved = changed();
  moved.priority_changed = moved.weight_changed = moved.addresses_changed = false;
  moved.instances_changed = true;
  endpoint elsewhere = *moved.after;
  elsewhere.instances = {name_of("a.b"), name_of("c.b")};
  moved.after = shared(elsewhere);
  CHECK(line(moved) == "~ " + time + "h.b:80 instances _v1._theservice._tcp.unilans.net -> a.b c.b\n");
  CHECK_THAT(line(txt_changed_to({})), Contains("\"flag\" -> (empty)\n"));
}

TEST_CASE("watch: short, CSV and colour", "[cli][watch]") {
  CHECK(line_of(output_format::brief, added()) == "+ h.b:80\n");
  CHECK(line_of(output_format::brief, txt_changed()) == "~ _v1._theservice._tcp.unilans.net\n");
  CHECK(line_of(output_format::brief, unknown()) == "! _theService._tcp.unilans.net\n");
  CHECK(cli::changes_header(output_format::csv) ==
        "time,event,target,port,priority,weight,addresses,ttl_s,instances,txt,reason\r\n");
  CHECK(cli::changes_header(output_format::table).empty());
  const std::string time = std::string(at) + ',';
  CHECK(line_of(output_format::csv, changed()) ==
        time + "changed,h.b,80,1,20,192.0.2.2,60,_v1._theservice._tcp.unilans.net,,\r\n");
  CHECK(line_of(output_format::csv, txt_changed()) ==
        time + "txt_changed,,,,,,60,_v1._theservice._tcp.unilans.net,\"\"\"txtvers=2\"\"\",\r\n");
  CHECK(line_of(output_format::csv, unknown()) == time + "unknown,,,,,,,,,DNS query timed out\r\n");
  CHECK(line_of(output_format::csv, recovered()) == time + "recovered,,,,,,,,,\r\n");
  CHECK(cli::change_line(output_format::brief, removed(), example_service(), at, true) == "\x1b[31m- h.b:80\x1b[0m\n");
}

TEST_CASE("watch: JSON has one object a line, with the endpoint as resolve shows it", "[cli][watch][json]") {
  service view = example_service();
  view.authenticated = true;
  CHECK(cli::change_json(added(), view, at) ==
        R"({"schema":1,"event":"added","time":"2026-11-23T21:00:00.123Z","query":"_theService._tcp.unilans.net.",)"
        R"("instances":["_v1._theservice._tcp.unilans.net."],"target":"h.b.","port":80,"priority":0,"weight":10,)"
        R"("addresses":["192.0.2.1"],"ttl_s":60,"complete":false,"stale":false,"authenticated":true})"
        "\n");
  const auto read = [&](const watch_event& event) {
    return json::parse(cli::change_json(event, view, at)).as_object();
  };
  CHECK(read(removed()).at("event").as_string() == "removed");
  CHECK(read(removed()).at("target").as_string() == "h.b.");
  const json::object change = read(changed());
  CHECK(change.at("weight").to_number<int>() == 20);
  CHECK(change.at("before").as_object().size() == 3);
  CHECK(change.at("before").at("weight").to_number<int>() == 10);
  CHECK(change.at("before").at("addresses").at(0).as_string() == "192.0.2.1");
  const json::object txt = read(txt_changed());
  CHECK(txt.at("event").as_string() == "txt_changed");
  CHECK(txt.at("txt").at(0).at("value").as_string() == "2");
  CHECK(txt.at("before").at("txt").at(0).at("value").as_string() == "1");
  view.stale = true;
  CHECK(read(stale()).at("reason").is_string());
  CHECK(read(stale()).at("stale").as_bool());
  CHECK_FALSE(read(recovered()).contains("reason"));
}

TEST_CASE("watch: hostile names and TXT in no form raw", "[cli][watch][fault-N4][fault-N6][fault-L29]") {
  const service view = hostile_service();
  watch_event added{.kind = watch_event_kind::added, .after = shared(view.endpoints.front())};
  watch_event txt{.kind = watch_event_kind::txt_changed};
  txt.instance_before = txt.instance_after = shared(view.instances.front());
  const auto format = GENERATE(output_format::table, output_format::csv, output_format::brief, output_format::json);
  for (const watch_event& event : {added, txt}) {
    std::string line = cli::change_line(format, event, view, at, false);
    std::erase(line, '\r');
    CHECK(is_harmless(line));
    CHECK(line.find('\n') == line.size() - 1);
  }
}

TEST_CASE("watch: the program tells the set, then each change, and ends after as many as asked for",
          "[cli][watch][fault-S24]") {
  changing_zone server({one_host, std::string(one_host) + "_s._tcp SRV 0 10 81 h2\n",
                        "_s._tcp SRV 0 99 80 h1\nh1 A 127.0.0.11\n", "_s._tcp SRV 0 99 80 h1\nh1 A 127.0.0.19\n",
                        "_s._tcp SRV 0 99 80 h1\nh1 A 127.0.0.19\n_s._tcp TXT \"v=2\"\n"});
  const ran done = server.watch({"_s._tcp.x.y", "-n", "6", "-o", "short"});
  INFO(done.err);
  CHECK(done.code == 0);
  CHECK(done.err.empty());
  // Within one update the endpoints are sorted by name.
  CHECK(done.out == "+ h1.x.y:80\n+ h2.x.y:81\n~ h1.x.y:80\n- h2.x.y:81\n~ h1.x.y:80\n~ _s._tcp.x.y\n");
}

TEST_CASE("watch: a name that does not exist is watched until it does", "[cli][watch]") {
  changing_zone server({"other A 127.0.0.1\n", one_host});
  const ran done = server.watch({"_s._tcp.x.y", "-n", "1", "--json"});
  CHECK(done.code == 0);
  CHECK_THAT(done.err, StartsWith("sd-connect: nothing there yet: no such name: _s._tcp.x.y.") && Contains("\n"));
  CHECK(json::parse(done.out).at("event").as_string() == "added");
  changing_zone again({"other A 127.0.0.1\n", one_host});
  CHECK(again.watch({"_s._tcp.x.y", "-n", "1", "-q"}).err.empty());
}

TEST_CASE("watch: with nothing known within --timeout it ends as resolve does", "[cli][watch]") {
  const ran silent = run({"watch", "_s._tcp.x.y", "--server", "127.0.0.1#9", "--timeout", "300ms"});
  CHECK(silent.code == 75);
  CHECK(silent.out.empty());
  CHECK_THAT(silent.err, Contains("127.0.0.1#9") && StartsWith("sd-connect: "));
  CHECK(std::count(silent.err.begin(), silent.err.end(), '\n') == 1);

  changing_zone server({one_host});
  const ran unproved = server.watch({"_s._tcp.x.y", "--require-authenticated", "-n", "1"});
  CHECK(unproved.code == 77);
  CHECK(unproved.out.empty());
}

TEST_CASE("watch: UDP services and service types are watched, CSV begins with its header", "[cli][watch]") {
  changing_zone server({"_d._udp PTR a._d._udp\na._d._udp SRV 0 0 53 h1\nh1 A 127.0.0.11\n"});
  const ran done = server.watch({"_d._udp.x.y", "-n", "1", "-o", "csv"});
  INFO(done.err);
  CHECK(done.code == 0);
  const std::vector<std::string> lines = lines_of(done.out);
  REQUIRE(lines.size() == 2);
  CHECK_THAT(lines[0], StartsWith("time,event,target"));
  CHECK_THAT(lines[1], Contains(",added,h1.x.y,53,0,0,127.0.0.11,0,a._d._udp.x.y,,"));
}

TEST_CASE("watch: SIGINT, SIGTERM and SIGHUP end it, which is success", "[cli][watch][fault-L19]") {
  const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
  changing_zone server({one_host});
  server.at_fourth([signal] { kill(getpid(), signal); });
  const ran done = server.watch({"_s._tcp.x.y", "-o", "short"});
  INFO(done.err);
  CHECK(done.code == 0);
  CHECK(done.out == "+ h1.x.y:80\n");
}

TEST_CASE("watch: a signal that was ignored stays ignored, as under nohup", "[cli][watch]") {
  const auto before = std::signal(SIGHUP, SIG_IGN);
  changing_zone server({one_host, one_host, std::string(one_host) + "_s._tcp SRV 0 10 81 h2\n"});
  server.at_fourth([] { kill(getpid(), SIGHUP); });
  const ran done = server.watch({"_s._tcp.x.y", "-o", "short", "-n", "2"});
  std::signal(SIGHUP, before);
  CHECK(done.out == "+ h1.x.y:80\n+ h2.x.y:81\n");
}

TEST_CASE("watch: a reader that goes away is noticed although nothing changes, 74 without a word",
          "[cli][watch][fault-L19]") {
  const scratch_folder folder;
  const std::string fifo = (folder.path() / "out").string();
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  const int reader = open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(reader >= 0);
  changing_zone server({one_host});
  server.at_fourth([reader] { close(reader); });
  const ran done = server.watch({"_s._tcp.x.y"}, fifo);
  CHECK(done.code == 74);
  CHECK(done.err.empty());
}
