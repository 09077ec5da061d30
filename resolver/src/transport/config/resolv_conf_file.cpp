#include "transport/config/resolv_conf_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sdconnect {
namespace {

constexpr std::size_t max_file_size = 1 << 20;  // a resolv.conf has a few lines; more is a mistake or an attack

bool is_missing(int error) noexcept { return error == ENOENT || error == ENOTDIR; }

class open_file {
 public:
  // O_NONBLOCK: opening a FIFO nobody writes to would wait for ever.
  explicit open_file(const std::filesystem::path& file) noexcept
      : fd_(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

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
  const open_file in(file);
  if (in.get() < 0) {
    if (is_missing(errno)) return std::string();
    return errc::file_unreadable;
  }
  // Asked of the descriptor, so that what is checked is what is read.
  struct stat found {};
  if (fstat(in.get(), &found) != 0 || !S_ISREG(found.st_mode)) return errc::file_unreadable;

  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = read(in.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errc::file_unreadable;
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > max_file_size) return errc::file_unreadable;
  }
}

}  // namespace sdconnect
