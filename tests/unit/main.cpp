#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include <cstdio>
#include <unistd.h>

namespace {

/// Prints each case when it starts, for logs: if a sanitizer or a time limit ends the process, the
/// last line names the case.
struct case_announcer : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    if (isatty(STDERR_FILENO) == 0) std::fprintf(stderr, "%s\n", info.name.c_str());
  }
};
CATCH_REGISTER_LISTENER(case_announcer)

}  // namespace
