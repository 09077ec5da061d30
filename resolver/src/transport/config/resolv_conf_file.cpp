#include "transport/config/resolv_conf_file.hpp"

#include "net/io/read_file.hpp"

#include <cerrno>
#include <sys/stat.h>

namespace sdconnect::detail {
namespace {

constexpr std::size_t max_file_size = 1 << 20;  // a resolv.conf has a few lines; more is a mistake or an attack

bool is_missing(int error) noexcept { return error == ENOENT || error == ENOTDIR; }

}  // namespace

file_state state_of(const std::filesystem::path& file) {
  struct stat found {};
  if (stat(file.c_str(), &found) != 0) return {.exists = !is_missing(errno)};
  return {.exists = true,
          .device = found.st_dev,
          .inode = found.st_ino,
          .size = static_cast<std::uint64_t>(found.st_size),
          .modified_s = found.st_mtim.tv_sec,
          .modified_ns = found.st_mtim.tv_nsec,
          .changed_s = found.st_ctim.tv_sec,
          .changed_ns = found.st_ctim.tv_nsec};
}

result<std::string> read_resolv_conf(const std::filesystem::path& file) {
  result<std::string> text = read_file(file, max_file_size, file_kind::regular);
  if (text) return text;
  if (is_missing(text.error().value())) return std::string();
  return errc::file_unreadable;
}

}  // namespace sdconnect::detail
