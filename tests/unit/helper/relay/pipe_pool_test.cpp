#include "helper/relay/pipe_pool.hpp"

#include <catch2/catch.hpp>

#include <sys/resource.h>
#include <vector>

using namespace sdconnect::helper;

namespace {

/// Allows no further descriptor.
class no_descriptors {
 public:
  no_descriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;
  ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("pipe_pool: a bounded number, first large ones, and some are kept", "[helper][relay]") {
  pipe_pool pool;
  std::vector<relay_pipe> pipes;
  for (;;) {
    relay_pipe pipe = pool.lend();
    if (!pipe) break;
    pipes.push_back(std::move(pipe));
  }
  // Another user of these pipes may have used up the kernel's quota.
  CHECK(pipes.size() <= pipe_pool::max_large + pipe_pool::max_small);
  std::size_t large = 0;
  for (const relay_pipe& pipe : pipes) {
    CHECK(pipe.capacity >= pipe_pool::small);
    if (pipe.capacity >= pipe_pool::large) ++large;
  }
  CHECK(large <= pipe_pool::max_large);
  REQUIRE(pipes.size() > 1);

  const int kept = pipes.back().read_end.get();
  pool.give_back(std::move(pipes.back()));
  pipes.pop_back();
  CHECK(pool.lend().read_end.get() == kept);
}

TEST_CASE("pipe_pool: after a refusal it does not ask the kernel for a while", "[helper][relay][fault-L12]") {
  pipe_pool pool;
  {
    const no_descriptors none;
    CHECK_FALSE(pool.lend());
  }
  for (unsigned i = 0; i < pipe_pool::asks_after_refusal; ++i) REQUIRE_FALSE(pool.lend());
  CHECK(pool.lend());
}
