/// \file
/// Files for one test.
#pragma once

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace sdconnect::test {

/// A private folder, removed at the end.
class scratch_folder {
 public:
  scratch_folder() {
    std::string path = (std::filesystem::temp_directory_path() / "sdconnect.XXXXXX").string();
    REQUIRE(mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  ~scratch_folder() { std::filesystem::remove_all(path_); }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  /// Writes the file in place, like an editor that truncates.
  std::string file(const std::string& name, const std::string& content) const {
    const std::filesystem::path made = path_ / name;
    std::filesystem::create_directories(made.parent_path());
    std::ofstream(made, std::ios::binary) << content;
    return made.string();
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A file with this content, removed at the end.
class scratch_file {
 public:
  explicit scratch_file(const std::string& content) : path_(folder_.file("file", content)) {}
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  scratch_folder folder_;
  std::string path_;
};

}  // namespace sdconnect::test
