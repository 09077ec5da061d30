#include "unit/connect/probe_scene.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;
using namespace sdconnect::test;
using namespace std::chrono_literals;

TEST_CASE("probe: threads share a prober and the authorities it has read", "[connect][probe][threads]") {
  const trust t;
  probe_options settings;
  settings.kind = probe_kind::tls;
  settings.ca_file = t.ca_file.path();
  const prober shared(settings);

  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      loop own;
      const replying_server server(own, "", true, t.identity("DNS:live.example.com"));
      const prober copy = shared;
      for (int probe = 0; probe < 5; ++probe) {
        bool is_over = false;
        copy.async_probe(own.io.get_executor(), server.as_endpoint(), std::chrono::steady_clock::now() + 60s,
                         [&](error_code ec, const probe_result&) {
                           is_over = true;
                           if (!ec) ++good;
                         });
        while (!is_over) own.io.run_one();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 20);
}
