// Name servers per zone, from the configuration file: the whole program against real name servers
// on loopback.
#include "lab/background.hpp"
#include "support/forging_server.hpp"
#include "unit/cli/run_captured.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using Catch::Matchers::Contains;

namespace {

/// Counts only queries: ignores forged replies that another test sends to all ports.
class counting_server {
 public:
  counting_server(boost::asio::any_io_executor executor, const std::string& origin, const std::string& records)
      : server_(std::move(executor), [this, answer = test::zone_forger(served(origin, records))](
                                         std::span<const std::uint8_t> message, lab::transport over) {
          constexpr std::size_t header = 12;
          const bool is_query = message.size() > header && (message[2] & 0x80) == 0;
          if (is_query) ++asked_;
          return answer(message, over);
        }) {}

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] unsigned asked() const { return asked_; }
  void close() { server_.close(); }

 private:
  static std::shared_ptr<const zone> served(const std::string& origin, const std::string& records) {
    return std::make_shared<const zone>(
        *zone::parse("$ORIGIN " + origin + "\n$TTL 60\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n" + records));
  }

  std::atomic<unsigned> asked_ = 0;
  test::forging_server server_;
};

class split_horizon {
 public:
  split_horizon() {
    config_ = "timeout = '2s'\nserver = '" + text(outside) + "'\n";
    add_zone("Corp.Example", inside);
    add_zone("lab.corp.example.", lab_zone);
  }

  void add_zone(const std::string& zone, const counting_server& server) {
    config_ += "[zone.\"" + zone + "\"]\nserver = ['" + text(server) + "']\n";
  }
  static std::string text(const counting_server& server) { return "127.0.0.1#" + std::to_string(server.port()); }

  ran resolve(const char* service, std::vector<const char*> more = {}) const {
    const std::string file = folder_.file("config.toml", config_);
    std::vector<const char*> given{"resolve", service, "-o", "short", "--config", file.c_str()};
    given.insert(given.end(), more.begin(), more.end());
    return run(std::move(given));
  }

 private:
  scratch_folder folder_;
  std::string config_;
  lab::background servers_;

 public:
  // The outside view: its _http._tcp.corp.example differs from that of the office.
  counting_server outside{servers_.executor(), "example.",
                          "_http._tcp.corp SRV 0 0 80 public.corp\npublic.corp A 127.0.0.9\n"
                          "_http._tcp SRV 0 0 80 www\nwww A 127.0.0.8\n"
                          "_http._tcp.notcorp SRV 0 0 80 www\n"
                          "_http._tcp.lab.corp SRV 0 0 80 www\n"};
  counting_server inside{servers_.executor(), "corp.example.",
                         "_http._tcp SRV 0 0 8080 intranet\nintranet A 127.0.0.11\n"
                         "_mixed._tcp SRV 0 0 80 www.example.\n"
                         "_http._tcp.lab SRV 0 0 80 intranet\n"};
  counting_server lab_zone{servers_.executor(), "lab.corp.example.",
                           "_http._tcp SRV 0 0 8081 bench\nbench A 127.0.0.12\n"};
};

}  // namespace

TEST_CASE("zone servers: a zone's names are asked of its servers, and of nobody else", "[cli]") {
  const split_horizon office;
  const ran done = office.resolve("_http._tcp.corp.example");
  INFO(done.err);
  CHECK(done.code == 0);
  CHECK(done.out == "intranet.corp.example:8080\n");
  CHECK(office.inside.asked() > 0);
  CHECK(office.outside.asked() == 0);
  CHECK(office.lab_zone.asked() == 0);
}

TEST_CASE("zone servers: all other names are asked of the default servers", "[cli]") {
  const split_horizon office;
  CHECK(office.resolve("_http._tcp.example").out == "www.example:80\n");
  // Compares labels, not letters.
  CHECK(office.resolve("_http._tcp.notcorp.example").out == "www.example:80\n");
  CHECK(office.inside.asked() == 0);
}

TEST_CASE("zone servers: of nested zones the longest counts", "[cli]") {
  const split_horizon office;
  CHECK(office.resolve("_http._tcp.LAB.corp.example").out == "bench.lab.corp.example:8081\n");
  CHECK(office.inside.asked() == 0);
  CHECK(office.outside.asked() == 0);
}

TEST_CASE("zone servers: every name on the way is asked of the servers of its own zone", "[cli]") {
  const split_horizon office;
  const ran done = office.resolve("_mixed._tcp.corp.example");
  INFO(done.err);
  CHECK(done.out == "www.example:80\n");
  CHECK(office.inside.asked() > 0);
  CHECK(office.outside.asked() > 0);
}

TEST_CASE("zone servers: --server and SD_CONNECT_SERVER replace them all", "[cli]") {
  const split_horizon office;
  const std::string outside = split_horizon::text(office.outside);
  CHECK(office.resolve("_http._tcp.corp.example", {"--server", outside.c_str()}).out == "public.corp.example:80\n");
  REQUIRE(setenv("SD_CONNECT_SERVER", outside.c_str(), 1) == 0);
  const ran done = office.resolve("_http._tcp.corp.example");
  REQUIRE(unsetenv("SD_CONNECT_SERVER") == 0);
  CHECK(done.out == "public.corp.example:80\n");
  CHECK(office.inside.asked() == 0);
}

TEST_CASE("zone servers: a zone whose servers fail is unknown, the default servers are not told its names", "[cli]") {
  split_horizon office;
  office.inside.close();
  const ran done = office.resolve("_http._tcp.corp.example");
  CHECK(done.code == 75);
  CHECK_THAT(done.err, Contains("_http._tcp.corp.example"));
  CHECK(office.outside.asked() == 0);
}
