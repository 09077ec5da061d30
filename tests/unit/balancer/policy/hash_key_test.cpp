#include "sdconnect/balancer/hash_key.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

using namespace sdconnect;

namespace {

TEST_CASE("hash_of_key: is XXH64, as other programs compute it", "[balancer]") {
  // Output of `xxhsum -H64`. The lengths cover every part of the algorithm.
  const auto [text, hash] = GENERATE(table<std::string, std::uint64_t>({
      {"", 0xef46db3751d8e999},
      {"a", 0xd24ec4f1a98c6e5b},
      {"abc", 0x44bc2cf5ad770999},
      {"user-4711", 0xd7204dc3f8d9bba8},
      {"message digest", 0x066ed728fceeb3be},
      {"Nobody inspects the spammish repetition", 0xfbcea83c8a378bf1},
      {"The quick brown fox jumps over the lazy dog, twice and more: 0123456789 0123456789", 0x02e817bf3f461d09},
  }));
  INFO('"' << text << '"');
  CHECK(hash_of_key(text) == hash);
}

TEST_CASE("hash_of_key: every octet counts, zeros and letter case too", "[balancer]") {
  CHECK(hash_of_key("User") != hash_of_key("user"));
  CHECK(hash_of_key(std::string("a\0", 2)) != hash_of_key("a"));
}

}  // namespace
