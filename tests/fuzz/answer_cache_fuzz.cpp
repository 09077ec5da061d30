/// \file
/// The cache as an operation machine: octets become the operations find, store, store_failure,
/// clear and the passing of time. The cache and a naive model of it must agree after each
/// operation.
#include "support/naive_cache.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sdconnect::test::cache_machine machine({data, size});
  if (const char* const broken = machine.run()) {
    std::fprintf(stderr, "broken: %s\n", broken);
    std::abort();
  }
  return 0;
}
