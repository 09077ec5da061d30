#include "net/base/entropy.hpp"

#include <array>
#include <cerrno>
#include <new>
#include <sys/mman.h>
#include <sys/random.h>
#include <system_error>
#include <utility>

namespace sdconnect::detail {
namespace {

// One kilobyte: the kernel needs 1 us to generate it, so the cost of the system call is small.
constexpr std::size_t values_at_once = 512;

}  // namespace

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

struct entropy_source::stock {
  std::uint32_t left;  // zero at first, and in a forked child
  std::array<std::uint16_t, values_at_once> values;
};

entropy_source::entropy_source() {
  void* page = ::mmap(nullptr, sizeof(stock), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  stock_ = new (page) stock();
  is_wiped_on_fork_ = ::madvise(page, sizeof(stock), MADV_WIPEONFORK) == 0;
}

entropy_source::~entropy_source() { ::munmap(stock_, sizeof(stock)); }

std::uint16_t entropy_source::next16() {
  stock& from = *stock_;
  if (from.left == 0) {
    const std::size_t count = is_wiped_on_fork_ ? values_at_once : 1;
    fill_with_entropy(std::as_writable_bytes(std::span(from.values).first(count)));
    from.left = static_cast<std::uint32_t>(count);
  }
  return std::exchange(from.values[--from.left], std::uint16_t{});  // does not leave a used value in memory
}

}  // namespace sdconnect::detail
