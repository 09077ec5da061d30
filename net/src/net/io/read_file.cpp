#include "net/io/read_file.hpp"

#include "net/io/descriptor.hpp"

#include <array>
#include <fcntl.h>
#include <sys/stat.h>

namespace sdconnect::detail {

namespace errc_of_system = boost::system::errc;

// Does not use fstream, which opens directories and does not say why it failed.
result<std::string> read_file(const std::filesystem::path& file, std::size_t max_size, file_kind accepted) {
  const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (accepted == file_kind::regular ? O_NONBLOCK : 0);
  const descriptor in(::open(file.c_str(), flags));
  if (in.get() < 0) return last_error();
  if (accepted == file_kind::regular) {
    // Checks the descriptor and not the path, so that the checked file is the one that is read.
    struct stat found {};
    if (::fstat(in.get(), &found) != 0) return last_error();
    if (S_ISDIR(found.st_mode)) return make_error_code(errc_of_system::is_a_directory);
    if (!S_ISREG(found.st_mode)) return make_error_code(errc_of_system::invalid_argument);
  }
  std::string text;
  std::array<char, 65536> block;
  for (;;) {
    const ssize_t count = ::read(in.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return last_error();
    if (count == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(count));
    if (text.size() > max_size) return make_error_code(errc_of_system::file_too_large);
  }
}

}  // namespace sdconnect::detail
