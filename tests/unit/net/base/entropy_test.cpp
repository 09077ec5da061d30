#include "net/base/entropy.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace sdconnect;
using namespace sdconnect::detail;

namespace {

TEST_CASE("fill_with_entropy: fills any size to the last byte", "[dns]") {
  const std::size_t size = GENERATE(0U, 1U, 256U, 100'000U);
  CAPTURE(size);
  std::vector<std::byte> bytes(size + 1);
  // Each byte is zero by chance in one run of 256; in all 20 runs with probability 10^-48.
  std::vector<bool> was_set(size);
  for (int run = 0; run < 20; ++run) {
    fill_with_entropy(std::span(bytes).first(size));
    for (std::size_t i = 0; i < size; ++i) was_set[i] = was_set[i] || bytes[i] != std::byte{};
  }
  CHECK(std::all_of(was_set.begin(), was_set.end(), [](bool set) { return set; }));
  CHECK(bytes.back() == std::byte{});
}

TEST_CASE("entropy64: does not repeat", "[dns]") { CHECK(entropy64() != entropy64()); }

TEST_CASE("entropy_source: values stay spread over the range beyond the first buffer", "[dns][fault-X3]") {
  entropy_source source;
  std::set<std::uint16_t> seen;
  constexpr int draws = 65536;
  for (int i = 0; i < draws; ++i) seen.insert(source.next16());
  // 65536 draws hit 65536 (1 - 1/e) = 41427 different values, sigma sqrt(65536 (1/e - 2/e^2)) = 80.
  CHECK(std::abs(static_cast<int>(seen.size()) - 41427) < 6 * 80);
}

TEST_CASE("entropy_source: two sources give different sequences", "[dns][fault-B18]") {
  entropy_source first, second;
  std::vector<std::uint16_t> a, b;
  for (int i = 0; i < 16; ++i) {
    a.push_back(first.next16());
    b.push_back(second.next16());
  }
  CHECK(a != b);
}

TEST_CASE("entropy_source: a forked child goes on with other values than its parent", "[dns][fault-X37]") {
  entropy_source source;
  (void)source.next16();  // fills a buffer that both processes could use
  std::array<int, 2> channel{};
  REQUIRE(::pipe(channel.data()) == 0);
  std::array<std::uint16_t, 16> of_child{}, of_parent{};
  const ::pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (std::uint16_t& value : of_child) value = source.next16();
    const bool written = ::write(channel[1], of_child.data(), sizeof of_child) == sizeof of_child;
    ::_exit(written ? 0 : 1);
  }
  for (std::uint16_t& value : of_parent) value = source.next16();
  CHECK(::read(channel[0], of_child.data(), sizeof of_child) == sizeof of_child);
  int status = 0;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  ::close(channel[0]);
  ::close(channel[1]);
  CHECK(of_child != of_parent);
}

}  // namespace
