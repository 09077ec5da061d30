/// \file
/// Decodes one reply into endpoints with joined addresses, compared with other decoders and with
/// the minimum cost. The project's zone writes the messages. It compresses as Knot does: targets in
/// full, owners of addresses as pointers to them where 14 bits suffice.
#include "sdconnect/dns/query.hpp"
#include "sdconnect/dns/zone.hpp"
#include "support/endpoint_joiner.hpp"
#include "support/hostile_messages.hpp"

#include <benchmark/benchmark.h>
#include <ldns/ldns.h>

#include <algorithm>
#include <ares.h>
#include <arpa/nameser.h>
#include <array>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <resolv.h>
#include <string>
#include <vector>

// Counts the allocations of C and C++ in the same way: glibc lets a program define functions that
// replace its malloc.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
}

namespace {
std::size_t allocation_count = 0;
}

extern "C" void* malloc(std::size_t size) {
  ++allocation_count;
  return __libc_malloc(size);
}
extern "C" void* calloc(std::size_t count, std::size_t size) {
  ++allocation_count;
  return __libc_calloc(count, size);
}
extern "C" void* realloc(void* memory, std::size_t size) {
  ++allocation_count;
  return __libc_realloc(memory, size);
}

namespace {

using namespace sdconnect;
using octets = std::vector<std::uint8_t>;

const question& asked() {
  static const question q{name::from_text("_v1._theservice._tcp.unilans.net.").value(), rr_type::srv};
  return q;
}

/// Contains `count` SRV records and the same number of A records.
octets make_reply(std::int64_t count) {
  std::string text = "$ORIGIN unilans.net.\n$TTL 60\n@ SOA ns1 hostmaster 1 3600 600 86400 30\n";
  for (std::int64_t i = 1; i <= count; ++i) {
    const std::string n = std::to_string(i);
    text += "_v1._theservice._tcp SRV 0 " + n + " 8080 host" + n + '\n';
    text += "host" + n + " A 10.0." + std::to_string(i >> 8) + '.' + std::to_string(i & 255) + '\n';
  }
  const query_message query(asked(), 1, {});
  return zone::parse(text)->reply(query.octets(), 65535);
}

/// The minimum cost: checks every bound, expands every name, hashes the targets and finds the
/// owners of addresses among them. It ignores aliases, sections, rcode, TTL and letter case beyond
/// ASCII, and has room for a fixed number of endpoints.
class raw_walk {
 public:
  struct target {
    std::uint16_t priority, weight, port;
    std::uint8_t name_size;
    std::uint8_t addresses;
    std::uint32_t hash;
    std::array<std::uint8_t, 4> address;
    std::array<std::uint8_t, 264> name;
  };

  /// Returns the number of endpoints with an address; 0 for a malformed message.
  std::size_t run(const octets& message) {
    const std::uint8_t* const m = message.data();
    const std::size_t size = message.size();
    if (size < 12) return 0;
    count_ = 0;
    slots_.fill(0);
    std::size_t records = std::size_t{u16(m + 6)} + u16(m + 8) + u16(m + 10);
    std::array<std::uint8_t, 264> qname;
    std::array<std::uint8_t, 264> owner;
    std::uint8_t qname_size = 0, owner_size = 0;
    std::size_t at = expand(m, size, 12, qname.data(), qname_size);
    if (at == 0 || at + 4 > size) return 0;
    at += 4;
    std::size_t joined = 0;
    for (; records > 0; --records) {
      at = expand(m, size, at, owner.data(), owner_size);
      if (at == 0 || at + 10 > size) return 0;
      const std::uint16_t type = u16(m + at), length = u16(m + at + 8);
      at += 10;
      if (at + length > size) return 0;
      if (type == 33 && length > 6 && owner_size == qname_size && is_same(owner.data(), qname.data(), qname_size)) {
        if (count_ == targets_.size()) return 0;
        target& t = targets_[count_];
        t.priority = u16(m + at);
        t.weight = u16(m + at + 2);
        t.port = u16(m + at + 4);
        t.addresses = 0;
        if (expand(m, size, at + 6, t.name.data(), t.name_size) != at + length) return 0;
        t.hash = hash(t.name.data(), t.name_size);
        std::size_t slot = t.hash % slots_.size();
        while (slots_[slot] != 0) slot = (slot + 1) % slots_.size();
        slots_[slot] = static_cast<std::uint16_t>(++count_);
      } else if (type == 1 && length == 4) {
        const std::uint32_t h = hash(owner.data(), owner_size);
        for (std::size_t slot = h % slots_.size(); slots_[slot] != 0; slot = (slot + 1) % slots_.size()) {
          target& t = targets_[slots_[slot] - 1U];
          if (t.hash != h || t.name_size != owner_size || !is_same(t.name.data(), owner.data(), owner_size)) continue;
          std::memcpy(t.address.data(), m + at, 4);
          joined += t.addresses++ == 0 ? 1 : 0;
          break;
        }
      }
      at += length;
    }
    return joined;
  }

 private:
  static std::uint16_t u16(const std::uint8_t* at) { return static_cast<std::uint16_t>(at[0] << 8 | at[1]); }
  static std::uint8_t lower(std::uint8_t c) { return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c + 32) : c; }

  static bool is_same(const std::uint8_t* a, const std::uint8_t* b, std::size_t size) {
    return std::memcmp(a, b, size) == 0 ||
           std::equal(a, a + size, b, [](std::uint8_t x, std::uint8_t y) { return lower(x) == lower(y); });
  }

  /// Hashes eight octets at a time and ignores the case of letters (and of a few other octets).
  /// REQUIRES: 8 octets of room behind a name.
  static std::uint32_t hash(const std::uint8_t* name, std::size_t size) {
    std::uint64_t h = size;
    for (std::size_t at = 0; at < size; at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, name + at, 8);
      if (size - at < 8) word &= (std::uint64_t{1} << 8 * (size - at)) - 1;
      h = (h ^ (word | 0x2020202020202020U)) * 0x9e3779b97f4a7c15U;
      h ^= h >> 32;
    }
    return static_cast<std::uint32_t>(h);
  }

  /// Returns the offset behind the name at `at`, or 0 if the name is malformed.
  static std::size_t expand(const std::uint8_t* m, std::size_t size, std::size_t at, std::uint8_t* out,
                            std::uint8_t& out_size) {
    std::size_t behind = 0, used = 0;
    while (at < size) {
      const std::size_t length = m[at];
      if (length >= 0xc0) {
        if (at + 2 > size) return 0;
        const std::size_t target = u16(m + at) & 0x3fffU;
        if (target >= at) return 0;
        if (behind == 0) behind = at + 2;
        at = target;
        continue;
      }
      if (length > 63 || at + 1 + length > size || used + 1 + length > 255) return 0;
      if (length < 16 && at + 16 <= size && used + 16 <= 264) {
        std::memcpy(out + used, m + at, 16);
      } else {
        std::memcpy(out + used, m + at, 1 + length);
      }
      used += 1 + length;
      at += 1 + length;
      if (length > 0) continue;
      out_size = static_cast<std::uint8_t>(used);
      return behind == 0 ? at : behind;
    }
    return 0;
  }

  std::array<target, 1024> targets_;
  std::array<std::uint16_t, 2048> slots_;
  std::size_t count_ = 0;
};

/// `decode` returns the number of endpoints found, which must be all of them.
template <class Decode>
void run(benchmark::State& state, Decode decode) {
  const octets message = make_reply(state.range(0));
  for (int warm = 0; warm < 2; ++warm) {
    if (decode(message) != static_cast<std::size_t>(state.range(0))) state.SkipWithError("endpoints are missing");
  }
  const std::size_t before = allocation_count;
  for (auto _ : state) benchmark::DoNotOptimize(decode(message));
  state.counters["allocations"] =
      static_cast<double>(allocation_count - before) / static_cast<double>(state.iterations());
  state.counters["octets"] = static_cast<double>(message.size());
}

std::size_t with_address(std::span<const endpoint> endpoints) {
  return static_cast<std::size_t>(
      std::ranges::count_if(endpoints, [](const endpoint& e) { return e.addresses.size() == 1; }));
}

void bm_decode(benchmark::State& state) {
  answer_reader reader;
  endpoint_joiner joiner;
  answer read;
  run(state, [&](const octets& message) {
    if (reader.read(message, asked(), read)) return std::size_t{0};
    return joiner.join(read).size();
  });
  if (with_address(joiner.join(read)) != static_cast<std::size_t>(state.range(0))) state.SkipWithError("not joined");
}

/// Without the join, and without reusing storage.
void bm_read_answer(benchmark::State& state) {
  run(state, [&](const octets& message) {
    return std::get<std::vector<srv_record>>(read_answer(message, asked()).value().records).size();
  });
}

void bm_raw_walk(benchmark::State& state) {
  const auto walk = std::make_unique<raw_walk>();
  run(state, [&](const octets& message) { return walk->run(message); });
}

void bm_ldns(benchmark::State& state) {
  run(state, [](const octets& message) {
    ldns_pkt* packet = nullptr;
    if (ldns_wire2pkt(&packet, message.data(), message.size()) != LDNS_STATUS_OK) return std::size_t{0};
    const std::size_t count = ldns_pkt_ancount(packet);
    ldns_pkt_free(packet);
    return count;
  });
}

/// Reads only the answer section, no addresses.
void bm_cares(benchmark::State& state) {
  run(state, [](const octets& message) {
    ares_srv_reply* first = nullptr;
    if (ares_parse_srv_reply(message.data(), static_cast<int>(message.size()), &first) != ARES_SUCCESS) {
      return std::size_t{0};
    }
    std::size_t count = 0;
    for (const ares_srv_reply* at = first; at != nullptr; at = at->next) ++count;
    ares_free_data(first);
    return count;
  });
}

/// Reads all records, without the join.
void bm_glibc(benchmark::State& state) {
  run(state, [](const octets& message) {
    ns_msg handle;
    if (ns_initparse(message.data(), static_cast<int>(message.size()), &handle) != 0) return std::size_t{0};
    std::size_t count = 0;
    for (const ns_sect section : {ns_s_an, ns_s_ar}) {
      for (int i = 0; i < ns_msg_count(handle, section); ++i) {
        ns_rr rr;
        if (ns_parserr(&handle, section, i, &rr) != 0) return std::size_t{0};
        if (ns_rr_type(rr) != ns_t_srv) continue;
        std::array<char, NS_MAXDNAME> target;
        const int size = dn_expand(ns_msg_base(handle), ns_msg_end(handle), ns_rr_rdata(rr) + 6, target.data(),
                                   static_cast<int>(target.size()));
        if (size < 0) return std::size_t{0};
        benchmark::DoNotOptimize(target.data());
        ++count;
      }
    }
    return count;
  });
}

/// A small service, a fleet, and nearly the maximum of one message.
void sizes(benchmark::internal::Benchmark* bench) { bench->Arg(4)->Arg(100)->Arg(1000); }

BENCHMARK(bm_decode)->Apply(sizes);
BENCHMARK(bm_raw_walk)->Apply(sizes);
BENCHMARK(bm_ldns)->Apply(sizes);
BENCHMARK(bm_cares)->Apply(sizes);
BENCHMARK(bm_glibc)->Apply(sizes);
BENCHMARK(bm_read_answer)->Apply(sizes);

/// The most expensive messages, as in the tests.
void bm_hostile(benchmark::State& state, const test::hostile_message& hostile) {
  answer_reader reader;
  endpoint_joiner joiner;
  for (auto _ : state) {
    answer read;
    benchmark::DoNotOptimize(reader.read(hostile.bytes, hostile.asked, read).failed());
    benchmark::DoNotOptimize(joiner.join(read).data());
  }
}

/// Prints as usual and stores the CPU time of every run, in ns.
class keeping_reporter : public benchmark::ConsoleReporter {
 public:
  std::map<std::string, std::vector<double>> times;
  std::map<std::string, double> allocations;

  void ReportRuns(const std::vector<Run>& runs) override {
    std::vector<Run> shown = runs;
    const auto is_one_of_many = [](const Run& r) { return r.run_type == Run::RT_Iteration && r.repetitions > 1; };
    const auto is_other_summary = [](const Run& r) {
      return r.run_type == Run::RT_Aggregate && r.aggregate_name != "median" && r.aggregate_name != "cv";
    };
    std::erase_if(shown, [&](const Run& r) { return is_one_of_many(r) || is_other_summary(r); });
    ConsoleReporter::ReportRuns(shown);
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      const std::string name = run.run_name.function_name + (run.run_name.args.empty() ? "" : '/' + run.run_name.args);
      times[name].push_back(run.cpu_accumulated_time / static_cast<double>(run.iterations) * 1e9);
      const auto counted = run.counters.find("allocations");
      if (counted != run.counters.end()) allocations[name] = std::max(allocations[name], counted->second.value);
    }
  }

  /// Returns 0 if the benchmark did not run.
  [[nodiscard]] double median(const std::string& name) const {
    const auto found = times.find(name);
    if (found == times.end()) return 0;
    std::vector<double> sorted = found->second;
    std::ranges::sort(sorted);
    return sorted[sorted.size() / 2];
  }
};

void print_goal(const std::string& name, double value, const char* relation, double goal) {
  const bool is_met = *relation == '<' ? value <= goal : value >= goal;
  std::printf("%s %.2f %s%g %s\n", name.c_str(), value, relation, goal, is_met ? "ok" : "short");
}

void print_goals(const keeping_reporter& seen) {
  std::printf("\n");
  for (const std::string size : {"4", "100", "1000"}) {
    const double ours = seen.median("bm_decode/" + size);
    if (ours == 0) continue;
    const auto times_of = [&](const std::string& peer) { return seen.median(peer + '/' + size) / ours; };
    if (times_of("bm_raw_walk") > 0)
      print_goal("decode_times_of_raw_walk_" + size, 1 / times_of("bm_raw_walk"), "<=", 1.3);
    if (times_of("bm_ldns") > 0) print_goal("decode_times_faster_than_ldns_" + size, times_of("bm_ldns"), ">=", 6);
    if (times_of("bm_cares") > 0) print_goal("decode_times_faster_than_cares_" + size, times_of("bm_cares"), ">=", 1.4);
    print_goal("decode_allocations_" + size, seen.allocations.at("bm_decode/" + size), "<=", 0);
  }
  double worst = 0;
  for (const auto& [name, times] : seen.times) {
    if (name.starts_with("bm_hostile")) worst = std::max(worst, seen.median(name) / 1e6);
  }
  if (worst > 0) print_goal("decode_worst_message_ms", worst, "<=", 20);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<test::hostile_message> hostile = test::hostile_messages();
  for (const test::hostile_message& message : hostile) {
    benchmark::RegisterBenchmark(("bm_hostile/" + message.what).c_str(), bm_hostile, message)
        ->Unit(benchmark::kMillisecond);
  }
  // Interleaves the runs, so that all see the same state of the machine. The user's arguments come
  // later and take precedence.
  std::vector<std::string> defaults{"--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true",
                                    "--benchmark_min_time=0.02"};
  std::vector<char*> arguments{argv[0]};
  for (std::string& flag : defaults) arguments.push_back(flag.data());
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 64;
  keeping_reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  print_goals(reporter);
}
