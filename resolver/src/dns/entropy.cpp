#include "sdconnect/dns/entropy.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/random.h>
#include <system_error>

namespace sdconnect {

void fill_with_entropy(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got >= 0) {
      out = out.subspan(static_cast<std::size_t>(got));
      continue;
    }
    if (errno == EINTR) continue;
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
}

std::uint64_t entropy64() {
  std::uint64_t value = 0;
  fill_with_entropy(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

std::uint16_t entropy_source::next16() {
  std::uint16_t value = 0;
  if (used_ + sizeof value > buffer_.size()) {
    fill_with_entropy(buffer_);
    used_ = 0;
  }
  std::memcpy(&value, buffer_.data() + used_, sizeof value);
  std::fill_n(buffer_.data() + used_, sizeof value, std::byte{});  // a value given out is not left behind in memory
  used_ += sizeof value;
  return value;
}

}  // namespace sdconnect
