/// \file
/// An owned file descriptor.
#pragma once

#include "sdconnect/net/error.hpp"

#include <cerrno>
#include <unistd.h>
#include <utility>

namespace sdconnect::detail {

/// Returns the error of this thread's last system call that failed.
[[nodiscard]] inline error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

/// Closes the descriptor unless it is released; -1 means none.
class descriptor {
 public:
  explicit descriptor(int fd = -1) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~descriptor() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  void reset(int fd = -1) noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

}  // namespace sdconnect::detail
