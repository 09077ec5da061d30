/// \file
/// A cached lookup: the total cost of an answer that is already known. The counter `allocations` is
/// per lookup.
#include "sdconnect/cache/answer_cache.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <vector>

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

// Not inlined: otherwise g++ sees free() called on the memory of an operator new that it did not
// inline, and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace sdconnect;
using namespace std::chrono_literals;

constexpr boot_clock::time_point start{1h};

/// Names of about 40 octets, as services have them, in an order that processor caches cannot
/// predict.
std::vector<question> make_questions(std::int64_t count) {
  std::vector<question> questions;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(10'000 + i);
    questions.push_back({name::from_text("_v" + number + "._theservice._tcp.example.com").value(), rr_type::srv});
  }
  std::ranges::shuffle(questions, std::mt19937_64(1));
  return questions;
}

std::shared_ptr<const answer> make_answer(const question& q) {
  answer a;
  a.ttl = 300s;
  a.canonical = q.qname;
  a.records = std::vector<srv_record>{{1, 2, 8080, q.qname}, {1, 3, 8080, q.qname}};
  return std::make_shared<const answer>(std::move(a));
}

answer_cache make_cache(const std::vector<question>& questions) {
  answer_cache cache;
  for (const question& q : questions) cache.store(q, make_answer(q), "192.0.2.53", start, start, 0);
  return cache;
}

/// `lookups` holds the questions at separate addresses: a caller's question is not the stored
/// object.
void run_find(benchmark::State& state, answer_cache& cache, const std::vector<question>& lookups) {
  std::size_t at = 0;
  const std::size_t before = allocations;
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.find(lookups[at], start + 1s));
    if (++at == lookups.size()) at = 0;
  }
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations - before), benchmark::Counter::kAvgIterations);
}

void bm_find(benchmark::State& state) {
  const std::vector<question> questions = make_questions(state.range(0));
  answer_cache cache = make_cache(questions);
  if (cache.size() != questions.size()) state.SkipWithError("not all of it fits the default limits");
  run_find(state, cache, questions);
}

void bm_find_absent(benchmark::State& state) {
  const std::vector<question> questions = make_questions(state.range(0) * 2);
  const auto middle = questions.begin() + state.range(0);
  answer_cache cache = make_cache({questions.begin(), middle});
  run_find(state, cache, {middle, questions.end()});
}

/// Stores into a full cache: every answer evicts one.
void bm_store_and_evict(benchmark::State& state) {
  const std::vector<question> questions = make_questions(30'000);
  answer_cache cache = make_cache(questions);
  const std::shared_ptr<const answer> data = make_answer(questions.front());
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.store(questions[at], data, "192.0.2.53", start, start, 0));
    if (++at == questions.size()) at = 0;
  }
}

void bm_name_hash(benchmark::State& state) {
  const question q = make_questions(1).front();
  for (auto _ : state) benchmark::DoNotOptimize(q.qname.hash());
}

BENCHMARK(bm_find)->Arg(10)->Arg(1000)->Arg(10'000);
BENCHMARK(bm_find_absent)->Arg(10)->Arg(10'000);
BENCHMARK(bm_store_and_evict);
BENCHMARK(bm_name_hash);

}  // namespace
