// Changes of resolv.conf while a program runs. Tests set the time: nothing waits.
#include "sdconnect/transport/resolv_conf_tracker.hpp"

#include "support/scratch_folder.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace sdconnect;
using namespace sdconnect::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

constexpr const char* first = "nameserver 192.0.2.1\n";
constexpr const char* second = "nameserver 192.0.2.2\n";  // same length as the first

struct watched {
  scratch_folder folder;
  fs::path file = folder.file("resolv.conf", first);
  resolv_conf_tracker::time_point now{1h};
  resolv_conf_tracker tracker{now, file, {}};

  void write(const std::string& content, const std::string& name = "resolv.conf") const {
    (void)folder.file(name, content);
  }
  void replace(const std::string& content) const {
    write(content, "new");
    fs::rename(folder.path() / "new", file);
  }
  bool changes_within(std::chrono::milliseconds time) {
    now += time;
    return tracker.has_changed(now);
  }
  [[nodiscard]] std::string server() const { return tracker.current().servers.at(0).to_text(); }
};

TEST_CASE("resolv_conf_tracker: a file left alone never changes", "[transport]") {
  watched w;
  CHECK(w.server() == "192.0.2.1#53");
  CHECK_FALSE(w.tracker.has_changed(w.now));
  for (int i = 0; i < 100; ++i) CHECK_FALSE(w.changes_within(700ms));
  CHECK(w.server() == "192.0.2.1#53");
  CHECK_FALSE(w.tracker.error());
}

TEST_CASE("resolv_conf_tracker: every way to change a file is noticed, once", "[transport]") {
  watched w;
  SECTION("written anew, other size") { w.write("# a comment\nnameserver 192.0.2.2\n"); }
  SECTION("written anew, same size") { w.write(second); }
  SECTION("renamed over, same size") { w.replace(second); }
  SECTION("deleted and made anew") {
    fs::remove(w.file);
    w.write(second);
  }
  SECTION("same size, and the time of the content set back") {
    const auto before = fs::last_write_time(w.file);
    w.replace(second);
    fs::last_write_time(w.file, before);
  }
  CHECK(w.changes_within(1s));
  CHECK(w.server() == "192.0.2.2#53");
  CHECK_FALSE(w.changes_within(0s));
  CHECK_FALSE(w.changes_within(1s));
  CHECK_FALSE(w.changes_within(1h));
}

TEST_CASE("resolv_conf_tracker: a link that leads elsewhere is a change", "[transport]") {
  const scratch_folder folder;
  (void)folder.file("a", first);
  (void)folder.file("b", second);
  fs::create_symlink("a", folder.path() / "link");
  resolv_conf_tracker::time_point now{1h};
  resolv_conf_tracker tracker(now, folder.path() / "link", {});
  CHECK_FALSE(tracker.has_changed(now += 1s));

  fs::create_symlink("b", folder.path() / "new link");
  fs::rename(folder.path() / "new link", folder.path() / "link");
  CHECK(tracker.has_changed(now += 1s));
  CHECK(tracker.current().servers.at(0).to_text() == "192.0.2.2#53");
  (void)folder.file("b", "nameserver 192.0.2.33\n");
  CHECK(tracker.has_changed(now += 1s));
  CHECK(tracker.current().servers.at(0).to_text() == "192.0.2.33#53");
}

TEST_CASE("resolv_conf_tracker: two writes that leave the same state behind are told apart by reading once more",
          "[transport]") {
  watched w;
  w.write(second);
  const fs::file_time_type then = fs::last_write_time(w.file);
  CHECK(w.changes_within(1s));
  // As close as a test can get to the same clock tick: same inode, size and modification time.
  w.write(first);
  fs::last_write_time(w.file, then);
  CHECK(w.changes_within(1s));
  CHECK(w.server() == "192.0.2.1#53");
}

TEST_CASE("resolv_conf_tracker: a hundred changes a second are one", "[transport][fault-K15]") {
  watched w;
  int changes = 0;
  int address = 0;
  for (int i = 0; i < 1000; ++i) {
    w.replace("nameserver 192.0.2." + std::to_string(++address % 250 + 1) + "\n");
    if (w.changes_within(10ms)) ++changes;
  }
  CHECK(changes == 10);
  CHECK(w.server() == "192.0.2." + std::to_string(address % 250 + 1) + "#53");
}

TEST_CASE("resolv_conf_tracker: an empty or missing file counts when the next look finds it so too",
          "[transport][fault-K6][fault-K15]") {
  watched w;
  const auto [what, content] = GENERATE(table<std::string, std::optional<std::string>>(
      {{"empty", ""}, {"gone", std::nullopt}, {"a comment only", "# written by\n"}}));
  CAPTURE(what);
  if (content) {
    w.write(*content);
  } else {
    fs::remove(w.file);
  }
  CHECK_FALSE(w.changes_within(1s));
  CHECK(w.server() == "192.0.2.1#53");
  CHECK_FALSE(w.changes_within(500ms));
  SECTION("it stays so") {
    CHECK(w.changes_within(1s));
    CHECK(w.server() == "127.0.0.1#53");
    CHECK_FALSE(w.changes_within(1s));
    w.write(second);
    CHECK(w.changes_within(1s));
    CHECK(w.server() == "192.0.2.2#53");
  }
  SECTION("it was half written") {
    w.write(second);
    CHECK(w.changes_within(1s));
    CHECK(w.server() == "192.0.2.2#53");
  }
  SECTION("it comes back as it was") {
    w.write(first);
    CHECK_FALSE(w.changes_within(1s));
    CHECK(w.server() == "192.0.2.1#53");
  }
  SECTION("it is caught half written again and again") {
    for (int i = 0; i < 5; ++i) {
      w.replace("#" + std::to_string(i));
      CHECK_FALSE(w.changes_within(1s));
    }
    CHECK(w.server() == "192.0.2.1#53");
    CHECK(w.changes_within(1s));
  }
}

TEST_CASE("resolv_conf_tracker: what cannot be read leaves the last configuration in force", "[transport][fault-K6]") {
  watched w;
  fs::remove(w.file);
  SECTION("a directory") { fs::create_directory(w.file); }
  SECTION("a FIFO") { REQUIRE(mkfifo(w.file.c_str(), 0600) == 0); }
  SECTION("a link to itself") { fs::create_symlink("resolv.conf", w.file); }
  SECTION("too big") { w.write(std::string((1 << 20) + 1, '\n')); }
  for (int i = 0; i < 3; ++i) CHECK_FALSE(w.changes_within(1s));
  CHECK(w.server() == "192.0.2.1#53");
  CHECK(w.tracker.error() == errc::file_unreadable);

  fs::remove(w.file);
  w.write(second);
  CHECK(w.changes_within(1s));
  CHECK(w.server() == "192.0.2.2#53");
  CHECK_FALSE(w.tracker.error());
}

TEST_CASE("resolv_conf_tracker: begins with 127.0.0.1 where the file is missing or unreadable",
          "[transport][fault-K6]") {
  const scratch_folder folder;
  resolv_conf_tracker::time_point now{1h};
  resolv_conf_tracker missing(now, folder.path() / "missing", {});
  CHECK_FALSE(missing.error());
  CHECK(missing.current().names_no_server);
  (void)folder.file("missing", first);
  CHECK(missing.has_changed(now += 1s));
  CHECK(missing.current().servers.at(0).to_text() == "192.0.2.1#53");

  const resolv_conf_tracker unreadable(now, folder.path(), {});
  CHECK(unreadable.error() == errc::file_unreadable);
  CHECK(unreadable.current().servers.at(0).to_text() == "127.0.0.1#53");
}

TEST_CASE("resolv_conf_tracker: what changes nothing is no change", "[transport]") {
  watched w;
  w.write("# another comment\nnameserver 192.0.2.1\n");
  CHECK_FALSE(w.changes_within(1s));
  CHECK_FALSE(w.changes_within(1s));
}

TEST_CASE("resolv_conf_tracker: with no-reload the file is not looked at again", "[transport][fault-K8][fault-K13]") {
  watched w;
  w.write(std::string(second) + "options no-reload\n");
  CHECK(w.changes_within(1s));
  w.write(first);
  CHECK_FALSE(w.changes_within(1h));
  CHECK(w.server() == "192.0.2.2#53");

  resolv_conf_tracker by_environment(w.now, w.file, {.options = "no-reload", .local_domain = {}});
  w.write("nameserver 192.0.2.33\n");
  CHECK_FALSE(by_environment.has_changed(w.now + 1h));
  CHECK(by_environment.current().servers.at(0).to_text() == "192.0.2.1#53");
}

}  // namespace
