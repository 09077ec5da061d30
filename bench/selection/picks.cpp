#include "bench/selection/goals.hpp"
#include "bench/selection/ours.hpp"
#include "bench/selection/sets.hpp"
#include "bench/selection/threads.hpp"
#include "bench/support/processors.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <new>

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

// Not inlined: otherwise g++ sees free() called on the memory of an operator new that it did not
// inline, and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace sdconnect::bench {
namespace {

/// One endpoint, a small service, a rack, a fleet, a large fleet, and the default limit of
/// endpoints per service.
constexpr std::array<std::size_t, 6> sizes{1, 4, 16, 100, 1000, 10'000};
constexpr std::size_t linear_limit = 1000;

struct contender {
  std::string name;
  std::shared_ptr<our_set> ours;  // of sdconnect
  std::unique_ptr<chooser> first, second;
  bool is_shared = false;
  std::size_t times = 0;  // choices per block
  std::vector<double> costs;

  [[nodiscard]] chooser& of_other_thread() const { return is_shared ? *first : *second; }
};

std::vector<contender> make_contenders(std::span<const endpoint> endpoints) {
  std::vector<contender> all;
  const auto ours = std::make_shared<our_set>(endpoints);
  all.push_back({.name = "sdconnect", .ours = ours, .first = make_our_chooser(ours), .is_shared = true});
  for (const rival& each : pick_rivals()) {
    if (each.is_linear && endpoints.size() > linear_limit) continue;
    all.push_back({.name = each.name, .first = each.make(endpoints), .is_shared = each.is_shared});
    if (!each.is_shared) all.back().second = each.make(endpoints);
  }
  return all;
}

double cost_of(const contender& one, std::size_t times) {
  one.first->choose(times);  // loads its table into the caches, where the others' tables just were
  const double began = thread_time();
  one.first->choose(times);
  return (thread_time() - began) / static_cast<double>(times);
}

/// Number of choices per block, so that all contenders run about equally long. It is large enough
/// to choose each endpoint several times: with fewer choices from a large table, the cache would
/// hold only what earlier choices happened to load.
std::size_t times_for(const contender& one, std::size_t size, double ns) {
  const std::size_t least = 8 * size;
  return std::max(least, static_cast<std::size_t>(ns / cost_of(one, 1000)) + 1);
}

double quality_of(const contender& one, std::span<const endpoint> endpoints, std::size_t draws) {
  const selection_policy policy = one.ours ? selection_policy::rfc2782 : selection_policy::weighted;
  std::vector<std::uint64_t> counts(endpoints.size());
  for (std::size_t i = 0; i < draws; ++i) ++counts[one.first->choose_one()];
  return chi_square_per_freedom(counts, first_choice_shares(endpoints, policy));
}

const contender* find(const std::vector<contender>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &contender::name);
  return found == all.end() ? nullptr : &*found;
}

using contenders_by_size = std::map<std::size_t, std::vector<contender>>;

template <class Figure>
void print_table(const char* title, const contenders_by_size& all, Figure figure) {
  std::printf("%-30s", title);
  for (const std::size_t size : sizes) std::printf("%10zu", size);
  for (const contender& row : all.begin()->second) {
    std::printf("\n%-30s", row.name.c_str());
    for (const auto& [size, contenders] : all) {
      const contender* cell = find(contenders, row.name);
      if (cell != nullptr) std::printf("%10.2f", figure(size, *cell));
    }
  }
  std::printf("\n\n");
}

double times_slower(const std::vector<contender>& all, const char* than, const char* rival) {
  return median_ratio(find(all, rival)->costs, find(all, than)->costs);
}

void print_pick_goals(const contenders_by_size& all) {
  for (const auto& [size, contenders] : all) {
    if (size < 4) continue;
    const std::string suffix = '_' + std::to_string(size);
    const auto goal = [&, &rivals = contenders](const char* name, const char* rival, double least) {
      print_goal("selection_pick_times_faster_than_" + (name + suffix), times_slower(rivals, "sdconnect", rival),
                 ">=", least);
    };
    if (size <= 1000) {
      print_goal("selection_pick_times_of_floor" + suffix, times_slower(contenders, "bare alias table", "sdconnect"),
                 "<=", 1.4);
      print_goal("selection_pick_ns" + suffix, median(find(contenders, "sdconnect")->costs), "<=", 3.5);
    }
    goal("absl", "absl::discrete_distribution", 2.2);
    goal("boost", "boost::random alias", 4);
    goal("std", "std::discrete_distribution", size < 10'000 ? 6 : 20);
    goal("edf", "EDF as Envoy's", 12);
  }
  print_goal("selection_pick_10000_times_of_4",
             median_ratio(find(all.at(10'000), "sdconnect")->costs, find(all.at(4), "sdconnect")->costs), "<=", 1.3);
}

contenders_by_size make_all() {
  contenders_by_size all;
  for (const std::size_t size : sizes) all.emplace(size, make_contenders(make_endpoints(size)));
  return all;
}

/// Creates all of them again at other addresses, and keeps the measurements.
void move_elsewhere(contenders_by_size& all) {
  contenders_by_size elsewhere = make_all();
  for (auto& [size, contenders] : elsewhere) {
    for (std::size_t i = 0; i < contenders.size(); ++i) contenders[i].costs = std::move(all.at(size)[i].costs);
  }
  all = std::move(elsewhere);
}

void measure(contenders_by_size& all, const selection_effort& with, std::size_t rounds, std::size_t& allocated) {
  for (auto& [size, contenders] : all) {
    for (contender& each : contenders) each.times = times_for(each, size, with.block_ns);
  }
  for (std::size_t round = 0; round < rounds; ++round) {
    for (auto& [size, contenders] : all) {
      for (contender& each : contenders) {
        const std::size_t before = allocations;
        const double cost = cost_of(each, each.times);
        if (each.ours) allocated += allocations - before;
        each.costs.push_back(cost);
      }
    }
  }
}

}  // namespace

void compare_picks(const selection_effort& with) {
  // The address of a table can cost half as much as a pick: one placement in 64 is 4096 bytes away
  // from a line that the loop writes. Therefore each contender runs at several addresses, and the
  // median counts.
  constexpr std::size_t places = 7;
  std::vector<std::unique_ptr<std::byte[]>> between;
  contenders_by_size all = make_all();
  std::size_t allocated = 0;
  for (std::size_t place = 0; place < places; ++place) {
    if (place > 0) {
      between.push_back(std::make_unique<std::byte[]>(place * 320));
      move_elsewhere(all);
    }
    const quiet_processor here;
    measure(all, with, with.rounds / places + 1, allocated);
  }
  print_table("ns for each pick", all, [](std::size_t, const contender& each) { return median(each.costs); });
  print_table("chi2/df", all, [&](std::size_t size, const contender& each) {
    return quality_of(each, make_endpoints(size), with.draws);
  });
  print_pick_goals(all);
  print_goal("selection_pick_allocations", static_cast<double>(allocated), "<=", 0);
}

void compare_threads(const selection_effort& with) {
  const std::size_t rounds = with.rounds / 5 + 1;
  contenders_by_size all = make_all();
  std::printf("\n");
  std::map<std::size_t, double> ours;
  print_table("rate of 2 threads, of one's", all, [&](std::size_t size, const contender& each) {
    const std::size_t times = times_for(each, size, with.threads_block_ns);
    const double factor = two_thread_factor(*each.first, each.of_other_thread(), times, rounds);
    if (each.ours) ours[size] = factor;
    return factor;
  });
  for (const auto& [size, contenders] : all) {
    if (size < 4) continue;
    const contender& own = *find(contenders, "sdconnect");
    const std::string suffix = '_' + std::to_string(size);
    print_goal("selection_pick_two_threads" + suffix, ours[size], ">=", 1.9);
    const std::size_t times = times_for(own, size, with.threads_block_ns);
    print_goal("selection_pick_times_with_writer" + suffix, cost_with_writer(*own.ours, *own.first, times, rounds),
               "<=", 1.1);
  }
}

void compare_publishing(const selection_effort& with) {
  std::printf("\n%-30s%10s%14s%14s\n", "publishing, ns", "", "bare table", "sdconnect");
  std::vector<std::pair<std::size_t, double>> factors;
  for (const std::size_t size : {std::size_t{100}, std::size_t{1000}, std::size_t{10'000}}) {
    const std::vector<endpoint> endpoints = make_endpoints(size);
    const std::vector<std::uint32_t> weights = weights_of(endpoints);
    our_set ours(endpoints);
    const std::size_t times = std::max<std::size_t>(2, static_cast<std::size_t>(with.block_ns) / size / 5 * 2);
    std::vector<double> bare, published;
    const quiet_processor here;
    for (std::size_t round = 0; round < with.rounds; ++round) {
      double began = thread_time();
      for (std::size_t i = 0; i < times; ++i) keep(std::make_unique<bare_alias_table>(weights).get());
      bare.push_back((thread_time() - began) / static_cast<double>(times));
      began = thread_time();
      for (std::size_t i = 0; i < times; ++i) ours.flip();
      published.push_back((thread_time() - began) / static_cast<double>(times));
    }
    std::printf("%-30s%10zu%14.0f%14.0f\n", "", size, median(bare), median(published));
    factors.emplace_back(size, median_ratio(published, bare));
  }
  for (const auto& [size, factor] : factors) {
    print_goal("selection_publish_times_of_table_" + std::to_string(size), factor, "<=", size < 1000 ? 1.35 : 1.2);
  }
}

void print_policies(const selection_effort& with) {
  std::printf("\nns for each choice by a key or by load\n%8s%14s%14s%14s%14s%14s\n", "", "hash", "ring", "Maglev",
              "least-loaded", "acquire");
  for (const std::size_t size : {4, 16, 100, 1000}) print_other_policies(make_endpoints(size), with.rounds);
}

bool choose_picks(const std::string& name, std::size_t size, std::size_t times) {
  const std::vector<contender> all = make_contenders(make_endpoints(size));
  const contender* const chosen = find(all, name);
  if (chosen != nullptr) chosen->first->choose(times);
  return chosen != nullptr;
}

}  // namespace sdconnect::bench
