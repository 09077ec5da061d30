#include "bench/resolve/cached.hpp"

#include "bench/support/allocation_count.hpp"
#include "bench/support/knot_server.hpp"
#include "resolver/lookup/lookup_table.hpp"
#include "sdconnect/cache/answer_cache.hpp"
#include "sdconnect/resolver/resolver.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

namespace sdconnect::bench {
using namespace sdconnect::detail;
namespace {

using namespace std::chrono_literals;

constexpr boot_clock::time_point start{1h};
constexpr int runs = 9;

cached_cost measure(std::size_t lookups, const std::function<void(std::size_t)>& run) {
  run(lookups);  // warm-up
  std::vector<double> times;
  const std::size_t before = allocation_count();
  for (int i = 0; i < runs; ++i) {
    const auto began = std::chrono::steady_clock::now();
    run(lookups);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
    times.push_back(took.count() / static_cast<double>(lookups));
  }
  const auto made = static_cast<double>(allocation_count() - before);
  std::ranges::sort(times);
  return {times[runs / 2], std::floor(made / runs) / static_cast<double>(lookups)};
}

std::vector<question> make_questions(std::size_t count) {
  std::vector<question> questions;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(10'000 + i);
    questions.push_back({name::from_text("_v" + number + "._theservice._tcp.example.com").value(), rr_type::srv});
  }
  std::ranges::shuffle(questions, std::mt19937_64(1));
  return questions;
}

answer make_answer(const question& q) {
  answer a;
  a.ttl = 300s;
  a.canonical = q.qname;
  a.records = std::vector<srv_record>{{1, 2, 8080, q.qname}, {1, 3, 8080, q.qname}};
  return a;
}

}  // namespace

cached_cost measure_find(std::size_t answers, std::size_t lookups) {
  const std::vector<question> questions = make_questions(answers);
  answer_cache cache;
  for (const question& q : questions) {
    cache.store(q, std::make_shared<const answer>(make_answer(q)), "192.0.2.53", start, start, 0);
  }
  return measure(lookups, [&, at = std::size_t{0}](std::size_t count) mutable {
    for (; count > 0; --count) {
      if (cache.find(questions[at], start + 1s) == nullptr) throw std::runtime_error("not in the cache");
      if (++at == questions.size()) at = 0;
    }
  });
}

cached_cost measure_table(std::size_t answers, std::size_t lookups) {
  const std::vector<question> questions = make_questions(answers);
  lookup_table table({}, [] { return 0U; });
  for (const question& q : questions) {
    (void)table.ask(q, start + 5s, lookup_table::mode::normal, start);
    for (const auto& sent : table.take_queries()) {
      table.on_result(sent.number, {make_answer(q), {.asked = q, .status = {}, .server = "192.0.2.53"}}, start);
    }
    (void)table.take_answers();
  }
  return measure(lookups, [&, at = std::size_t{0}](std::size_t count) mutable {
    for (; count > 0; --count) {
      const auto found = table.ask(questions[at], start + 5s, lookup_table::mode::normal, start + 1s);
      if (!found.answer) throw std::runtime_error("not in the table");
      if (++at == questions.size()) at = 0;
    }
  });
}

cached_cost measure_resolve(std::uint16_t port, const std::string& service, std::size_t lookups) {
  boost::asio::io_context io(1);
  const auto server = name_server::at({ip_address::from_text("127.0.0.1").value(), port});
  resolver resolves(dns_client(io.get_executor(), {.server_sets = {{name(), {server}}}}));
  const service_query asked{name::from_text(service).value()};
  return measure(lookups, [&](std::size_t count) {
    std::function<void()> next = [&] {
      if (count-- == 0) return;
      resolves.async_resolve(asked, [&](error_code ec, const struct service& found) {
        if (ec || found.endpoints.size() != endpoints_per_service) throw std::runtime_error("not resolved");
        next();
      });
    };
    next();
    io.restart();
    io.run();
  });
}

}  // namespace sdconnect::bench
