#include "net/io/read_file.hpp"

#include "net/io/descriptor.hpp"
#include "support/scratch_folder.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <utility>

using namespace sdconnect::detail;
using sdconnect::error_code;
using sdconnect::test::scratch_folder;

namespace errc_of_system = boost::system::errc;

TEST_CASE("read_file: a whole file, or why not", "[net][files]") {
  const scratch_folder folder;
  const std::string text(200'000, 'x');
  const file_kind kind = GENERATE(file_kind::regular, file_kind::any);
  CHECK(read_file(folder.file("large", text), text.size(), kind).value() == text);
  CHECK(read_file(folder.file("empty", ""), 0, kind).value().empty());
  CHECK(read_file(folder.file("larger", text), text.size() - 1, kind).error() == errc_of_system::file_too_large);
  CHECK(read_file(folder.path() / "missing", 1, kind).error() == errc_of_system::no_such_file_or_directory);
  CHECK(read_file(folder.path(), 1, kind).error() == errc_of_system::is_a_directory);
}

TEST_CASE("read_file: a FIFO without a writer is not waited for where a regular file is wanted", "[net][files]") {
  const scratch_folder folder;
  const std::filesystem::path fifo = folder.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(read_file(fifo, 1, file_kind::regular).error() == errc_of_system::invalid_argument);
}

TEST_CASE("descriptor: is closed once, by the last owner", "[net][files]") {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const auto is_open = [fd] { return ::fcntl(fd, F_GETFD) >= 0; };
  descriptor first(fd);
  descriptor second(std::move(first));
  CHECK(first.get() == -1);  // NOLINT(bugprone-use-after-move): it holds none
  first = std::move(second);
  CHECK(is_open());
  CHECK(first.release() == fd);
  CHECK(first.get() == -1);
  { const descriptor last(fd); }
  CHECK_FALSE(is_open());
}
