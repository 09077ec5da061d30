/// \file
/// Runs the whole program in this process, with stdout and stderr redirected to files.
#pragma once

#include "program/program.hpp"
#include "sd-connect/sd_connect.hpp"
#include "unit/cli/command_line.hpp"

#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace sdconnect::test {
using namespace sdconnect::detail;

struct ran {
  int code = -1;
  std::string out, err;
};

/// Redirects `descriptor` to `file` during its lifetime.
class redirected {
 public:
  redirected(int descriptor, const char* file, int flags) : descriptor_(descriptor), saved_(dup(descriptor)) {
    std::fflush(nullptr);
    const int opened = open(file, flags | O_CLOEXEC, 0600);
    if (opened < 0 || dup2(opened, descriptor_) < 0) throw std::runtime_error("cannot redirect");
    close(opened);
  }
  redirected(const redirected&) = delete;
  redirected& operator=(const redirected&) = delete;
  ~redirected() {
    std::fflush(nullptr);
    dup2(saved_, descriptor_);
    close(saved_);
  }

 private:
  int descriptor_, saved_;
};

inline std::string text_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// `output`: the file for stdout; if empty, the function captures stdout and returns it in
/// ran::out.
inline ran run(std::vector<const char*> given, const std::string& output = {}) {
  const scratch_folder folder;
  const std::string out = folder.file("out", "");
  const std::string err = folder.file("err", "");
  // Whoever runs the tests may have a configuration.
  setenv("SD_CONNECT_CONFIG", "/dev/null", 1);
  given.insert(given.begin(), "sd-connect");
  ran result;
  {
    const redirected to_out(STDOUT_FILENO, output.empty() ? out.c_str() : output.c_str(), O_WRONLY);
    const redirected to_err(STDERR_FILENO, err.c_str(), O_WRONLY);
    result.code = cli::run_program(cli::sd_connect(), static_cast<int>(given.size()), given.data());
  }
  result.out = text_of(out);
  result.err = text_of(err);
  return result;
}

}  // namespace sdconnect::test
